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

import unrolling.book

CHAPTERS = Path(__file__).parents[1] / "chapters"
NOTEBOOKS = {str(path.relative_to(CHAPTERS)): json.loads(path.read_text("utf-8")) for path in notebooks()}
PARTS = ("foundations/", "theory/", "remedies/", "practice/", "applications/")
LESSONS = [name for name in NOTEBOOKS if name.startswith(PARTS)]
# What gives access: keys as their makers write them, and a value for a name that says so.
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[a-z]_\w{36}|\bgithub_pat_\w{20}|\bhf_\w{30}"
    r"|\bAIza[\w-]{35}|\bpypi-[\w-]{50}|\bnpm_\w{36}|\bsk-[\w-]{20}|\bxox[a-z]-[\w-]{10}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
    r"|://[^\s/:@]+:[^\s/@]+@"
    r"|(?i:passw(or)?d|secret|api_?key|access_?token)['\"]?\s*[:=]\s*['\"][^'\"\s]{6,}['\"]"
)
SHOWN = {"text/plain", "text/markdown", "image/svg+xml", "application/vnd.unrolling+json"}
PACKAGES = {
    *("jax", "lineax", "numpy", "optax", "optimistix", "scipy", "sklearn", "unrolling"),
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
    return [match[0] for text in strings(notebook["cells"]) for match in re.finditer(pattern, text)]


def pictures(cell):
    return [output for output in cell["outputs"] if "image/svg+xml" in output.get("data", {})]


def ids_missing_or_twice(notebook):
    ids = [cell.get("id") for cell in notebook["cells"]]
    return [it for it in ids if not it or ids.count(it) > 1]


def metadata_of_a_machine(notebook):
    """All but kernel and language by name; in a cell, tags for the site and the alternative text of a picture."""
    keys = {key for cell in notebook["cells"] for key in cell["metadata"]} - {"tags", "mystnb"}
    return [key for key, value in notebook["metadata"].items() if value != METADATA.get(key)] + sorted(keys)


def cells_out_of_order(notebook):
    counts = [cell["execution_count"] for cell in of_type(notebook, "code")]
    return [(count, position) for position, count in enumerate(counts, 1) if count != position]


def errors_and_warnings(notebook):
    return [it for it in outputs(notebook) if it["output_type"] == "error" or it.get("name") == "stderr"]


def pictures_without_a_text(notebook):
    found = []
    for cell in of_type(notebook, "code"):
        alts, said = (
            {*map(alternatives, pictures(cell))},
            cell["metadata"].get("mystnb", {}).get("image", {}).get("alt"),
        )
        if alts and (alts != {said} or not said):
            found.append((cell["id"], said, *alts))
    return found


def paths_addresses_and_scripts(notebook):
    """Anywhere in it. A web address may have such a path after its host."""
    folders = "home|root|Users|work|workspace|content|tmp|var|private|usr|opt|mnt|srv|etc|dev"
    return mentions(rf"(?<![\w.:/-])/({folders})/|\b[A-Z]:\\\w|\b0x[0-9a-f]{{6,}}\b|<script", notebook)


def secrets(notebook):
    return mentions(SECRET, notebook)


def names_of_users(notebook):
    """An address, or an account at a host. Homes are paths; a matrix product has spaces around its sign."""
    return mentions(r"[\w.+-]@\w|(?<![\w/])~\w+/", notebook)


def times_of_a_run(notebook):
    """A day may be told, as that of a measurement, but no time of day, which would be another in the next run."""
    return mentions(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\b\d\d:\d\d:\d\d\b", notebook)


def other_things_shown(notebook):
    """HTML, or something in a picture that acts or loads; a chart is data for the site's script, a table text."""
    kinds = {kind for output in outputs(notebook) for kind in output.get("data", {})}
    svgs = ["".join(output["data"]["image/svg+xml"]) for cell in of_type(notebook, "code") for output in pictures(cell)]
    acts = re.compile(
        r"<(script|foreignObject|iframe)\b|\son\w+\s*=|javascript:|\bhref=[\"'](?!#)|@import", re.IGNORECASE
    )
    tables = ["".join(output.get("data", {}).get("text/markdown", "")) for output in outputs(notebook)]
    tags = [match[0] for text in tables for match in re.finditer(r"(?<!\\)<\S*|\]\(\S*", text)]
    return sorted(kinds - SHOWN) + [match[0] for svg in svgs for match in acts.finditer(svg)] + tags


def other_imports(notebook):
    nodes = [node for tree in trees(notebook) for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)]
    return [name for name in names if name.split(".")[0] not in PACKAGES]


def chapters_not_linked_as_files(notebook):
    """A notebook program can follow a file; {ref} is for a place in a chapter."""
    names = "|".join(path.stem for path in CHAPTERS.rglob("*") if path.suffix in (".ipynb", ".md"))
    return [match[0] for match in re.finditer(rf"\{{ref\}}`([^`]*<)?({names})>?`", prose(notebook))]


def claims_printed(notebook):
    """A True or a False says that something holds, and stops nothing where it does not: `check` does."""
    texts = ["".join(it.get("text", "")) + alternatives(it) for it in outputs(notebook)]
    return [line for text in texts for line in text.splitlines() if re.search(r"\b(True|False)\b", line)]


RULES = [
    ids_missing_or_twice,
    metadata_of_a_machine,
    cells_out_of_order,
    errors_and_warnings,
    pictures_without_a_text,
    paths_addresses_and_scripts,
    secrets,
    names_of_users,
    times_of_a_run,
    other_things_shown,
    other_imports,
    chapters_not_linked_as_files,
    claims_printed,
]


def parts_missing(notebook):
    text = prose(notebook)
    parts = {"a box": r"\{admonition\} In this chapter", "a summary": r"^## Summary$"}
    return [name for name, pattern in parts.items() if not re.search(pattern, text, re.MULTILINE)]


def exercises_missing_or_unsolved(notebook):
    """Three at least; every exercise has a label, and one solution that names it."""
    text = prose(notebook)
    exercises = re.findall(r"^`{3,}\{exercise(?:-start)?\}[^\n]*\n:label: *(\S+)", text, re.MULTILINE)
    solutions = re.findall(r"^`{3,}\{solution(?:-start)?\} *(\S+)", text, re.MULTILINE)
    return (
        sorted({*exercises} ^ {*solutions})
        + ["twice"] * (len(solutions) > len({*solutions}))
        + ["three"] * (len(exercises) < 3)
    )


def figures_without_number_or_reference(notebook):
    """A picture has a name and a caption, which make a figure with a number of it, and the text names it by that."""
    text, found = prose(notebook), []
    for cell in of_type(notebook, "code"):
        figure = cell["metadata"].get("mystnb", {}).get("figure", {})
        name = figure.get("name")
        if pictures(cell) and not (name and figure.get("caption")):
            found.append((cell["id"], "neither name nor caption" if not name else "no caption"))
        elif name and not re.search(rf"\{{numref\}}`([^`]*<)?{re.escape(name)}>?`", text):
            found.append((cell["id"], f"no {{numref}}`{name}` in the text"))
        elif name and not pictures(cell):
            found.append((cell["id"], f"{name} has no picture"))
    return found


def no_check(notebook):
    calls = [node for tree in trees(notebook) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [] if any(ast.unparse(call.func) == "check" for call in calls) else ["a call of check"]


def statements_without_a_check(notebook):
    """A cell tries it, to which the tick in its title leads. The site refuses a tag whose cell prints no tick."""
    kinds = "theorem|proposition|lemma|corollary"
    stated = re.findall(rf"^`{{3,}}\{{prf:(?:{kinds})\}}[^\n]*\n:label: *(\S+)", prose(notebook), re.MULTILINE)
    tags = {tag for cell in of_type(notebook, "code") for tag in cell["metadata"].get("tags", ())}
    return [label for label in stated if f"checks-{label}" not in tags]


FIGURE_RULES = [figures_without_number_or_reference]
LESSON_RULES = [parts_missing, exercises_missing_or_unsolved, no_check, statements_without_a_check, *FIGURE_RULES]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook(name, rule):
    assert rule(NOTEBOOKS[name]) == []


@pytest.mark.parametrize("rule", LESSON_RULES)
@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson(name, rule):
    assert rule(NOTEBOOKS[name]) == []


class _Anonymous(ast.NodeTransformer):
    """Names give way to numbers, in the order in which they come, and constants to their types."""

    def __init__(self):
        self.numbers = {}

    def number(self, name):
        return f"name{self.numbers.setdefault(name, len(self.numbers))}"

    def visit(self, node):
        for field in ("name", "id", "arg"):
            if isinstance(getattr(node, field, None), str):
                setattr(node, field, self.number(getattr(node, field)))
        if isinstance(node, ast.Constant):
            node.value = type(node.value).__name__
        return self.generic_visit(node)


def helpers(notebook):
    """The functions and classes that a chapter defines, by their structure; one of a single statement is an idiom."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = {}
    for tree in trees(notebook):
        for node in ast.walk(tree):
            if isinstance(node, kinds):
                body = [it for it in node.body if not (isinstance(it, ast.Expr) and isinstance(it.value, ast.Constant))]
                if len(body) > 1:
                    plain = copy.deepcopy(node)
                    plain.body = copy.deepcopy(body)
                    found[ast.dump(_Anonymous().visit(plain))] = node.name
    return found


def defined_twice(notebooks):
    """Pairs of helpers of two chapters that differ in names and numbers only."""
    seen, twice = {}, []
    for notebook in notebooks:
        own = helpers(notebook)
        twice += [(seen[structure], own[structure]) for structure in seen.keys() & own.keys()]
        seen |= own
    return twice


def foreign_labels(name, notebook):
    """Labels that do not begin with the name of their chapter, and so do not say where they are."""
    found = re.findall(r"^\((\S+)\)=$|^:label: *(\S+)$|\$\$ *\((\S+)\)$", prose(notebook), re.MULTILINE)
    figures = [cell["metadata"].get("mystnb", {}).get("figure", {}).get("name") for cell in notebook["cells"]]
    labels, stem = [*map("".join, found), *filter(None, figures)], Path(name).stem
    return [label for label in labels if not re.match(rf"{stem}(-|$)", label)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_labels_begin_with_the_name_of_their_chapter(name):
    assert foreign_labels(name, NOTEBOOKS[name]) == []


def test_copies_that_jupyterlab_keeps_are_not_the_books(tmp_path):
    for name in ("a.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb", "part/b.ipynb", "part/.old/c.ipynb"):
        (tmp_path / "chapters" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "chapters" / name).touch()
    assert notebooks(tmp_path) == [tmp_path / "chapters/a.ipynb", tmp_path / "chapters/part/b.ipynb"]


def test_no_helper_is_defined_in_two_chapters():
    assert defined_twice(NOTEBOOKS.values()) == []


def test_the_page_on_the_library_has_every_public_name():
    page = (CHAPTERS / "appendix" / "api.md").read_text("utf-8")
    for room in (unrolling, unrolling.book):
        named = re.findall(rf"auto(?:class|function):: {room.__name__}\.(\w+)$", page, re.MULTILINE)
        assert sorted(named) == room.__all__


def test_the_page_of_results_has_every_statement():
    """With its status, and whose it is."""
    page = (CHAPTERS / "appendix" / "results.md").read_text("utf-8")
    stated = [
        label
        for notebook in NOTEBOOKS.values()
        for label in re.findall(r"^`{3,}\{prf:(?!proof)\w+\}[^\n]*\n:label: *(\S+)", prose(notebook), re.MULTILINE)
    ]
    assert len(stated) > 60
    assert sorted(re.findall(r"^\| \{prf:ref\}`(\S+)` \|", page, re.MULTILINE)) == sorted(stated)


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
            "source": [
                "# A\n",
                ":::{admonition} In this chapter\n:::\n",
                "See {numref}`a-peak` and\n",
                "https://a.org/home/.\n",
                "## Summary\n",
            ]
            + [EXERCISE.format(label) for label in "abc"],
        },
        code_cell(
            "import jax.numpy as jnp\nfrom pathlib import Path\ncheck('one is one', 1 == 1)",
            picture("A peak."),
            mystnb={"image": {"alt": "A peak."}, "figure": {"name": "a-peak", "caption": "One is one."}},
        ),
    ],
}


def test_a_good_notebook_keeps_every_rule():
    for rule in RULES + LESSON_RULES + FIGURE_RULES:
        assert rule(GOOD) == []
    assert defined_twice([GOOD, GOOD]) == []


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
        (ids_missing_or_twice, with_code(code_cell("1"), code_cell("2", count=2))),
        (ids_missing_or_twice, with_code({**code_cell("1"), "id": ""})),
        (metadata_of_a_machine, with_code(code_cell("1", execution={"iopub.status.idle": "2026-01-01"}))),
        (metadata_of_a_machine, {**GOOD, "metadata": {**METADATA, "language_info": {"version": "3.11.2"}}}),
        (cells_out_of_order, with_code(code_cell("1", count=None))),
        (cells_out_of_order, with_code(code_cell("1", count=2))),
        (errors_and_warnings, with_code(code_cell("1", {"output_type": "error", "ename": "ValueError"}))),
        (errors_and_warnings, with_code(code_cell("1", stream("stderr", "UserWarning")))),
        (pictures_without_a_text, with_code(code_cell("1", picture("A peak.")))),
        (pictures_without_a_text, with_code(code_cell("1", picture(""), mystnb={"image": {"alt": ""}}))),
        (pictures_without_a_text, with_code(code_cell("1", picture("New."), mystnb={"image": {"alt": "Old."}}))),
        *((paths_addresses_and_scripts, with_code(code_cell(f"open('{home}')"))) for home in HOMES),
        (paths_addresses_and_scripts, with_code(code_cell("1", stream("stdout", "/tmp/ipykernel_3/1.py")))),
        (paths_addresses_and_scripts, with_code(code_cell("f", stream("stdout", "<function f at 0x7f6b2c1d>")))),
        (paths_addresses_and_scripts, with_text("See", "<script src='a'>")),
        *((secrets, with_code(code_cell("1", stream("stdout", secret)))) for secret in SECRETS),
        (secrets, with_text("See", f"See {SECRETS[0]}")),
        (names_of_users, with_code(code_cell("1", stream("stdout", "me@laptop:~$ ls")))),
        (names_of_users, with_text("See", "Write to me@example.org")),
        (names_of_users, with_code(code_cell("open('~me/data.csv')"))),
        (times_of_a_run, with_code(code_cell("1", stream("stdout", "2026-01-02 03:04")))),
        (times_of_a_run, with_code(code_cell("1", stream("stdout", "done at 03:04:05")))),
        (times_of_a_run, with_code(code_cell("1", picture("A.", "<dc:date>2026-01-02T03:04:05.6</dc:date>")))),
        (other_things_shown, with_code(code_cell("1", shown(text_html="<b>1</b>")))),
        (other_things_shown, with_code(code_cell("1", shown(text_markdown="<b>1</b>")))),
        (other_things_shown, with_code(code_cell("1", shown(text_markdown="[1](https://example.org)")))),
        (other_things_shown, with_code(code_cell("1", shown(application_javascript="alert(1)")))),
        *((other_things_shown, with_code(code_cell("1", picture("A.", svg)))) for svg in UNSAFE),
        (other_imports, with_code(code_cell("def f():\n    import matplotlib.pyplot as plt"))),
        (other_imports, with_code(code_cell("from . import helpers"))),
        (chapters_not_linked_as_files, with_text("See", "See {ref}`curse`")),
        (chapters_not_linked_as_files, with_text("See", "See {ref}`the last page <colophon>`")),
        (claims_printed, with_code(code_cell("1", stream("stdout", "they agree: True\n")))),
        (claims_printed, with_code(code_cell("1 == 2", shown(text_plain="False")))),
        (
            figures_without_number_or_reference,
            with_code(code_cell("1", picture("A."), mystnb={"image": {"alt": "A."}})),
        ),
        *(
            (figures_without_number_or_reference, with_code(code_cell("1", *shows, mystnb={"figure": figure})))
            for shows, figure in [
                ([picture("A.")], {"name": "a-peak"}),
                ([picture("A.")], {"name": "a-fall", "caption": "It falls."}),
                ([], {"name": "a-peak", "caption": "One is one."}),
            ]
        ),
        (no_check, with_code(code_cell("assert 1 == 1"))),
        (statements_without_a_check, with_text("See", "```{prf:lemma} One\n:label: a-one\n1 = 1.\n```\nSee")),
        (parts_missing, with_text("In this chapter", "Here")),
        (parts_missing, with_text("## Summary", "Summary")),
        (exercises_missing_or_unsolved, with_text(EXERCISE.format("c"), "")),
        (exercises_missing_or_unsolved, with_text("{solution-start} c", "{note} c")),
        (exercises_missing_or_unsolved, with_text("{solution-start} c", "{solution-start} a")),
    ],
)
def test_each_rule_finds_what_it_forbids(rule, notebook):
    assert rule(notebook) != []


def test_a_label_that_begins_otherwise_is_found():
    text = "(a)=\n# A\n(a-b)=\n## B\n(b)=\n## B\n$$ x $$ (ab-c)\n```{exercise}\n:label: a-d\n```\n```\n:label: d\n```\n"
    assert foreign_labels("part/a.ipynb", with_text("# A\n", text)) == ["b", "ab-c", "d", "b", "c"]
    figure = code_cell("1", picture("A."), mystnb={"figure": {"name": "b-peak"}})
    assert foreign_labels("part/a.ipynb", with_code(figure)) == ["b", "c", "b-peak"]


def test_a_helper_in_two_chapters_is_found():
    """Whatever it and its variables are called, and whatever its numbers are; another order is another function."""
    first = with_code(code_cell("def step(x, y):\n    'Why.'\n    z = 2 * x - y\n    return z"))
    same = with_code(code_cell("def move(p, q):\n    r = 3 * p - q\n    return r"))
    other = with_code(code_cell("def move(p, q):\n    r = 3 * q - p\n    return r"))
    idiom = with_code(code_cell("def f(x): return x"))
    assert defined_twice([first, other, same]) == [("step", "move")]
    assert defined_twice([first, other]) == defined_twice([idiom, idiom]) == []
