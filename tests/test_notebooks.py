"""The rules of the house for chapters/**/*.ipynb, each with a notebook that breaks it."""

import ast
import copy
import json
import re
import sys
from pathlib import Path

import pytest
from execute import METADATA
from notebooks import notebooks

import unrolling

CHAPTERS = Path(__file__).parents[1] / "chapters"
NOTEBOOKS = {str(path.relative_to(CHAPTERS)): json.loads(path.read_text("utf-8")) for path in notebooks()}
LESSONS = [name for name in NOTEBOOKS if name.startswith(("foundations/", "theory/", "remedies/", "applications/"))]
# What gives access: keys as their makers write them, and a value for a name that says so.
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[a-z]_\w{36}|\bgithub_pat_\w{20}|\bhf_\w{30}"
    r"|\bAIza[\w-]{35}|\bpypi-[\w-]{50}|\bnpm_\w{36}|\bsk-[\w-]{20}|\bxox[a-z]-[\w-]{10}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
    r"|://[^\s/:@]+:[^\s/@]+@"
    r"|(?i:passw(or)?d|secret|api_?key|access_?token)['\"]?\s*[:=]\s*['\"][^'\"\s]{6,}['\"]"
)
SHOWN = {"text/plain", "image/svg+xml", "application/vnd.vegalite.v5+json"}
PACKAGES = {
    *("bayes_opt", "jax", "lineax", "numpy", "optax", "optimistix", "scipy", "sklearn", "unrolling"),
    *sys.stdlib_module_names,
}


def source(cell):
    return "".join(cell["source"])


def of_type(notebook, kind):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def outputs(notebook):
    return [output for cell in of_type(notebook, "code") for output in cell["outputs"]]


def trees(notebook):
    return [ast.parse(source(cell)) for cell in of_type(notebook, "code")]


def prose(notebook):
    return "\n".join(source(cell) for cell in of_type(notebook, "markdown"))


def alternatives(output):
    return "".join(output.get("data", {}).get("text/plain", ""))


def strings(value):
    """All texts in ``value``: of a dictionary its values', of a list its items'; the lines of a text are one."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(it, str) for it in value):
        return ["".join(value)]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for it in items for text in strings(it)]


def mentions(pattern, notebook):
    return any(re.search(pattern, text) for text in strings(notebook["cells"]))


def pictures(cell):
    return [output for output in cell["outputs"] if "image/svg+xml" in output.get("data", {})]


def has_an_id_for_every_cell(notebook):
    ids = [cell.get("id") for cell in notebook["cells"]]
    return all(ids) and len(ids) == len(set(ids))


def has_no_metadata_of_a_machine(notebook):
    """Kernel and language by name; in a cell, tags for the site and the alternative text of a picture."""
    keys = {key for cell in notebook["cells"] for key in cell["metadata"]}
    return notebook["metadata"] == METADATA and keys <= {"tags", "mystnb"}


def was_run_in_order(notebook):
    counts = [cell["execution_count"] for cell in of_type(notebook, "code")]
    return counts == list(range(1, len(counts) + 1))


def has_no_error_and_no_warning(notebook):
    return not any(output["output_type"] == "error" or output.get("name") == "stderr" for output in outputs(notebook))


def has_a_text_for_every_picture(notebook):
    for cell in of_type(notebook, "code"):
        alts = {alternatives(output) for output in pictures(cell)}
        if alts and (
            len(alts) > 1 or alts != {cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")} or "" in alts
        ):
            return False
    return True


def has_no_path_address_or_script(notebook):
    """Anywhere in it. A web address may have such a path after its host."""
    folders = "home|root|Users|work|workspace|content|tmp|var|private|usr|opt|mnt|srv|etc|dev"
    return not mentions(rf"(?<![\w.:/-])/({folders})/|\b[A-Z]:\\\w|\b0x[0-9a-f]{{6,}}\b|<script", notebook)


def has_no_secret(notebook):
    return not mentions(SECRET, notebook)


def has_no_name_of_a_user(notebook):
    """No address, and no account at a host. Homes are paths; a matrix product has spaces around its sign."""
    return not mentions(r"[\w.+-]@\w|(?<![\w/])~\w+/", notebook)


def has_no_time_of_a_run(notebook):
    """A day may be told, as that of a measurement, but no time of day, which would be another in the next run."""
    return not mentions(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b\d\d:\d\d:\d\d\b", notebook)


def shows_only_text_pictures_and_charts(notebook):
    """No HTML, and nothing in a picture that acts or loads; a chart is data, for the site's own script."""
    kinds = {kind for output in outputs(notebook) for kind in output.get("data", {})}
    svgs = ["".join(output["data"]["image/svg+xml"]) for cell in of_type(notebook, "code") for output in pictures(cell)]
    acts = re.compile(
        r"<(script|foreignObject|iframe)\b|\son\w+\s*=|javascript:|\bhref=[\"'](?!#)|@import", re.IGNORECASE
    )
    return kinds <= SHOWN and not any(map(acts.search, svgs))


def imports_what_the_library_needs(notebook):
    nodes = [node for tree in trees(notebook) for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[0] for name in names} <= PACKAGES


def links_chapters_as_files(notebook):
    """So that any notebook program can follow; {ref} is for a place in a chapter."""
    names = "|".join(path.stem for path in CHAPTERS.rglob("*") if path.suffix in (".ipynb", ".md"))
    return not re.search(rf"\{{ref\}}`([^`]*<)?({names})>?`", prose(notebook))


RULES = [
    has_an_id_for_every_cell,
    has_no_metadata_of_a_machine,
    was_run_in_order,
    has_no_error_and_no_warning,
    has_a_text_for_every_picture,
    has_no_path_address_or_script,
    has_no_secret,
    has_no_name_of_a_user,
    has_no_time_of_a_run,
    shows_only_text_pictures_and_charts,
    imports_what_the_library_needs,
    links_chapters_as_files,
]


def has_a_box_and_a_summary(notebook):
    text = prose(notebook)
    return "{admonition} In this chapter" in text and bool(re.search(r"^## Summary$", text, re.MULTILINE))


def has_three_exercises_with_solutions(notebook):
    """At least; every exercise has a label, and one solution that names it."""
    text = prose(notebook)
    exercises = re.findall(r"^`{3,}\{exercise(?:-start)?\}[^\n]*\n:label: *(\S+)", text, re.MULTILINE)
    solutions = re.findall(r"^`{3,}\{solution(?:-start)?\} *(\S+)", text, re.MULTILINE)
    return len(exercises) >= 3 and sorted(exercises) == sorted(solutions)


LESSON_RULES = [has_a_box_and_a_summary, has_three_exercises_with_solutions]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook(name, rule):
    assert rule(NOTEBOOKS[name])


@pytest.mark.parametrize("rule", LESSON_RULES)
@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson(name, rule):
    assert rule(NOTEBOOKS[name])


def helpers(notebook):
    """Functions and classes that a chapter defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for tree in trees(notebook) for node in ast.walk(tree) if isinstance(node, kinds)}


def defined_twice(notebooks):
    seen, twice = set(), set()
    for notebook in notebooks:
        twice |= seen & helpers(notebook)
        seen |= helpers(notebook)
    return twice


def foreign_labels(name, notebook):
    """Labels that do not begin with the name of their chapter, and so do not say where they are."""
    labels = re.findall(r"^\((\S+)\)=$|^:label: *(\S+)$|\$\$ *\((\S+)\)$", prose(notebook), re.MULTILINE)
    stem = Path(name).stem
    return [label for label in map("".join, labels) if not re.match(rf"{stem}(-|$)", label)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_labels_begin_with_the_name_of_their_chapter(name):
    assert foreign_labels(name, NOTEBOOKS[name]) == []


def test_copies_that_jupyterlab_keeps_are_not_the_books(tmp_path):
    for name in ("a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", "part/b.ipynb", "part/.old/c.ipynb"):
        (tmp_path / "chapters" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "chapters" / name).touch()
    assert notebooks(tmp_path) == [tmp_path / "chapters/a.ipynb", tmp_path / "chapters/part/b.ipynb"]


def test_no_helper_is_defined_in_two_chapters():
    assert defined_twice(NOTEBOOKS.values()) == set()


def test_the_page_on_the_library_has_every_public_name():
    page = (CHAPTERS / "appendix" / "api.md").read_text("utf-8")
    assert sorted(re.findall(r"auto(?:class|function):: unrolling\.(\w+)", page)) == unrolling.__all__


def code_cell(source, *outputs, count=1, **metadata):
    return {
        "cell_type": "code",
        "id": "code",
        "source": [source],
        "outputs": list(outputs),
        "execution_count": count,
        "metadata": metadata,
    }


def shown(**data):
    return {"output_type": "display_data", "data": {kind.replace("_", "/"): it for kind, it in data.items()}}


def picture(alt, svg="<svg/>"):
    return {"output_type": "execute_result", "data": {"image/svg+xml": [svg], "text/plain": [alt]}, "metadata": {}}


EXERCISE = (
    "```{{exercise}}\n:label: {0}\nWhy?\n```\n\n````{{solution-start}} {0}\n````\nSo.\n````{{solution-end}}\n````\n"
)
GOOD = {
    "metadata": METADATA,
    "cells": [
        {
            "cell_type": "markdown",
            "id": "text",
            "metadata": {},
            "source": ["# A\n", ":::{admonition} In this chapter\n:::\n", "See https://a.org/home/.\n", "## Summary\n"]
            + [EXERCISE.format(label) for label in "abc"],
        },
        code_cell(
            "import jax.numpy as jnp\nfrom pathlib import Path",
            picture("A peak."),
            mystnb={"image": {"alt": "A peak."}},
        ),
    ],
}


def test_a_good_notebook_keeps_every_rule():
    assert all(rule(GOOD) for rule in RULES + LESSON_RULES)
    assert defined_twice([GOOD, GOOD]) == set()


def with_code(*cells):
    return {**GOOD, "cells": GOOD["cells"][:1] + list(cells)}


def with_text(old, new):
    notebook = copy.deepcopy(GOOD)
    text = source(notebook["cells"][0])
    assert old in text
    notebook["cells"][0]["source"] = [text.replace(old, new, 1)]
    return notebook


def stream(name, text):
    return {"output_type": "stream", "name": name, "text": [text]}


HOMES = ["/home" + "/me", "C:\\Users" + "\\me"]  # not whole in this file, which may name none either
SECRETS = [  # and none of them real
    "-----BEGIN RSA" + " PRIVATE KEY-----",
    "AKIA" + "A1" * 8,
    *(f"{start}{'a1' * 30}" for start in ["ghp_", "github_pat_", "hf_", "AIza", "pypi-", "npm_", "sk-", "xoxb-"]),
    "eyJ" + "a1" * 8 + ".eyJ" + "a1" * 8,
    "https://me" + ":open-sesame@example.org/",
    "password" + " = 'open-sesame'",
    '"API_KEY"' + ': "open-sesame"',
]
UNSAFE = [
    "<svg><SCRIPT>alert(1)</SCRIPT></svg>",
    "<svg onload='alert(1)'/>",
    "<svg><a xlink:href='javascript:alert(1)'/></svg>",
    "<svg><image href='https://example.org/1.png'/></svg>",
    "<svg><foreignObject/></svg>",
    "<svg><style>@import 'a.css'</style></svg>",
]


@pytest.mark.parametrize(
    "rule, notebook",
    [
        (has_an_id_for_every_cell, with_code(code_cell("1"), code_cell("2", count=2))),
        (has_an_id_for_every_cell, with_code({**code_cell("1"), "id": ""})),
        (has_no_metadata_of_a_machine, with_code(code_cell("1", execution={"iopub.status.idle": "2026-01-01"}))),
        (has_no_metadata_of_a_machine, {**GOOD, "metadata": {**METADATA, "language_info": {"version": "3.11.2"}}}),
        (was_run_in_order, with_code(code_cell("1", count=None))),
        (was_run_in_order, with_code(code_cell("1", count=2))),
        (has_no_error_and_no_warning, with_code(code_cell("1", {"output_type": "error", "ename": "ValueError"}))),
        (has_no_error_and_no_warning, with_code(code_cell("1", stream("stderr", "UserWarning")))),
        (has_a_text_for_every_picture, with_code(code_cell("1", picture("A peak.")))),
        (has_a_text_for_every_picture, with_code(code_cell("1", picture(""), mystnb={"image": {"alt": ""}}))),
        (has_a_text_for_every_picture, with_code(code_cell("1", picture("New."), mystnb={"image": {"alt": "Old."}}))),
        *((has_no_path_address_or_script, with_code(code_cell(f"open('{home}')"))) for home in HOMES),
        (has_no_path_address_or_script, with_code(code_cell("1", stream("stdout", "/tmp/ipykernel_3/1.py")))),
        (has_no_path_address_or_script, with_code(code_cell("f", stream("stdout", "<function f at 0x7f6b2c1d>")))),
        (has_no_path_address_or_script, with_text("See", "<script src='a'>")),
        *((has_no_secret, with_code(code_cell("1", stream("stdout", secret)))) for secret in SECRETS),
        (has_no_secret, with_text("See", f"See {SECRETS[0]}")),
        (has_no_name_of_a_user, with_code(code_cell("1", stream("stdout", "me@laptop:~$ ls")))),
        (has_no_name_of_a_user, with_text("See", "Write to me@example.org")),
        (has_no_name_of_a_user, with_code(code_cell("open('~me/data.csv')"))),
        (has_no_time_of_a_run, with_code(code_cell("1", stream("stdout", "2026-01-02 03:04")))),
        (has_no_time_of_a_run, with_code(code_cell("1", stream("stdout", "done at 03:04:05")))),
        (has_no_time_of_a_run, with_code(code_cell("1", picture("A.", "<dc:date>2026-01-02T03:04:05.6</dc:date>")))),
        (shows_only_text_pictures_and_charts, with_code(code_cell("1", shown(text_html="<b>1</b>")))),
        (shows_only_text_pictures_and_charts, with_code(code_cell("1", shown(application_javascript="alert(1)")))),
        *((shows_only_text_pictures_and_charts, with_code(code_cell("1", picture("A.", svg)))) for svg in UNSAFE),
        (imports_what_the_library_needs, with_code(code_cell("def f():\n    import matplotlib.pyplot as plt"))),
        (imports_what_the_library_needs, with_code(code_cell("from . import helpers"))),
        (links_chapters_as_files, with_text("See", "See {ref}`curse`")),
        (links_chapters_as_files, with_text("See", "See {ref}`the last page <colophon>`")),
        (has_a_box_and_a_summary, with_text("In this chapter", "Here")),
        (has_a_box_and_a_summary, with_text("## Summary", "Summary")),
        (has_three_exercises_with_solutions, with_text(EXERCISE.format("c"), "")),
        (has_three_exercises_with_solutions, with_text("{solution-start} c", "{note} c")),
        (has_three_exercises_with_solutions, with_text("{solution-start} c", "{solution-start} a")),
    ],
)
def test_each_rule_finds_what_it_forbids(rule, notebook):
    assert not rule(notebook)


def test_a_label_that_begins_otherwise_is_found():
    text = "(a)=\n# A\n(a-b)=\n## B\n(b)=\n## B\n$$ x $$ (ab-c)\n```{exercise}\n:label: a-d\n```\n```\n:label: d\n```\n"
    assert foreign_labels("part/a.ipynb", with_text("# A\n", text)) == ["b", "ab-c", "d", "b", "c"]


def test_a_helper_in_two_chapters_is_found():
    assert defined_twice([with_code(code_cell("def f(x): return x")), with_code(code_cell("class f: pass"))]) == {"f"}
