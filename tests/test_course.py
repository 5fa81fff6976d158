"""What the course gives to students and to those who teach: notebooks, archives, and questions for other systems."""

import ast
import builtins
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import export
import nbformat
import pytest
from export import QTI
from handouts import ROOT, Handout, read_tests, sources, stub
from plain import RAW

HANDOUTS = {path.stem: Handout(path) for path in sources()}


@pytest.fixture(params=HANDOUTS)
def handout(request):
    return HANDOUTS[request.param]


def source_of(notebook, kind=None):
    return "\n".join(it["source"] for it in notebook["cells"] if kind in (None, it["cell_type"]))


def bodies(handout):
    """The lines of solutions, without signatures, docstrings and imports."""
    for piece in handout.pieces:
        if piece.solution and piece.is_code:
            lines, tree = piece.content.splitlines(), ast.parse(piece.content)
            taken = [it for it in ast.walk(tree) if isinstance(it, (ast.Import, ast.ImportFrom))]
            for it in tree.body:
                if isinstance(it, ast.FunctionDef):
                    first = it.body[1] if ast.get_docstring(it) and len(it.body) > 1 else it.body[0]
                    lines[it.lineno - 1 : first.lineno - 1] = [""] * (first.lineno - it.lineno)
            for it in taken:
                lines[it.lineno - 1 : it.end_lineno] = [""] * (it.end_lineno - it.lineno + 1)
            yield from (line.strip() for line in lines if len(line.strip()) > 15)
        elif piece.solution and isinstance(piece.content, str):
            yield from (line.strip() for line in piece.content.splitlines() if len(line.strip()) > 40)


def test_students_get_no_solution_and_no_output(handout):
    student = handout.student()
    given = [it.content for it in handout.pieces if not it.solution]
    given = "\n".join(it if isinstance(it, str) else it.body for it in given) + "".join(
        it.shown for it in handout.tests
    )
    assert [line for line in bodies(handout) if line in source_of(student) and line not in given] == []
    assert [it for it in student["cells"] if it.get("outputs")] == []
    assert "**Solution.**" not in source_of(student)


def test_each_exercise_has_a_place_for_the_answer(handout):
    ids = [it["id"] for it in handout.student()["cells"]]
    for label in handout.exercises:
        answer = next(at for at, it in enumerate(ids) if it.endswith(f"answer-{label}"[-50:]))
        assert answer
    assert len(handout.exercises) == len(set(handout.exercises))


def test_those_who_teach_get_all_of_it(handout):
    instructor = handout.instructor()
    code = [it for it in instructor["cells"] if it["cell_type"] == "code"]
    assert [it["source"] for it in code] == [it.content for it in handout.pieces if it.is_code]
    solved = {it.solution for it in handout.pieces if it.solution}
    assert source_of(instructor).count("**Solution.**") == len(solved)
    for it in handout.tests:
        assert it.name in source_of(instructor)


@pytest.mark.parametrize("kind", ["student", "instructor"])
def test_notebooks_are_sound(handout, kind):
    notebook = getattr(handout, kind)()
    nbformat.validate(nbformat.from_dict(notebook))
    text = source_of(notebook, "markdown")
    assert [text[max(0, it.start() - 40) : it.end() + 40] for it in RAW.finditer(text)] == []
    ids = [it["id"] for it in notebook["cells"]]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[\w-]{1,64}", it) for it in ids)
    assert notebook["metadata"]["course"]["chapter"] == handout.name
    if kind == "student":
        assert len(json.dumps(notebook, indent=1)) < 100_000


def bound(tree):
    """Names that a program gives a meaning, anywhere in it."""
    found = {it.id for it in ast.walk(tree) if isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store)}
    found |= {it.arg for it in ast.walk(tree) if isinstance(it, ast.arg)}
    return found | {it.name for it in ast.walk(tree) if isinstance(it, ast.FunctionDef)}


def test_shown_tests_use_what_the_student_has(handout):
    given = [ast.parse(it.content) for it in handout.pieces if it.is_code and not it.solution]
    for test in (it for it in handout.tests if it.shown):
        tree = ast.parse(test.shown)
        known = bound(tree).union(dir(builtins), test.takes, {"jax", "jnp", "np", "unrolling"}, *map(bound, given))
        assert {it.id for it in ast.walk(tree) if isinstance(it, ast.Name)} <= known, test.name


def test_a_stub():
    source = '''
import numpy as np


def helper(x):
    return x


@np.vectorize
def f(
    x,  # a number
    y=2,
):
    """x and y.

    More.
    """
    # begin
    return helper(x) + y


print(f(1))
'''
    assert stub(source, {"f"}) == (
        'def f(\n    x,  # a number\n    y=2,\n):\n    """x and y.\n\n    More.\n    """\n'
        "    raise NotImplementedError  # your code here"
    )


def test_tests_as_text(tmp_path):
    path = tmp_path / "test_x.py"
    path.write_text(
        '@task("a", points=1)\ndef test_shown_it_is_one(f):\n    assert f(1) == 1\n\n\n'
        '@task("a", points=2)\n@pytest.mark.parametrize("x, y", [(1, 1)])\ndef test_more(f, g, x, y):\n    pass\n'
    )
    first, second = read_tests(path)
    assert (first.label, first.takes, first.shown) == ("a", ["f"], "# it is one\nassert f(1) == 1")
    assert (second.takes, second.shown) == (["f", "g"], "")
    assert read_tests(tmp_path / "test_none.py") == []


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    labels, site = folder / "labels.json", folder / "site"
    labels.write_text(json.dumps({"title": "A book"}))
    site.mkdir()
    (site / "unrolling-9.whl").write_bytes(b"a wheel")
    for it in HANDOUTS.values():
        for kind, place in (("student", it.folder), ("instructor", "instructor")):
            path = folder / f"course/{place}/{it.path.name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(getattr(it, kind)()))
    export.main(labels, site, folder / "course")
    return folder / "course"


def names_in(path):
    return set(zipfile.ZipFile(path).namelist())


def test_the_students_archive_has_notebooks_and_the_library_and_no_solutions(course):
    notebooks = {it.path.name for it in HANDOUTS.values() if it.path.is_relative_to(ROOT / "chapters")}
    assert len(notebooks) == len(HANDOUTS) - 4, "three problem sets and the project are not in it"
    assert names_in(course / "student.zip") == notebooks | {"unrolling-9.whl", "README.txt"}
    readme = zipfile.ZipFile(course / "student.zip").read("README.txt").decode()
    assert "A book" in readme and "%pip install" in readme and "--no-index" in readme and "{" not in readme


def test_the_instructors_archive(course):
    names = names_in(course / "instructor.zip")
    graded = [it for it in HANDOUTS.values() if it.tests]
    for it in HANDOUTS.values():
        assert {f"{it.folder}/{it.path.name}", f"instructor/{it.path.name}"} <= names
    for it in graded:
        module = it.tests_file.stem.removeprefix("test_")
        assert {f"grader/tests/test_{module}.py", f"wrong/{module}.py", f"export/gradescope/{it.name}.zip"} <= names
        assert f"export/classroom50/{it.name}/autograder.py" in names
    assert {"samples/rubric.md", "samples/weak.md"} <= names
    assert {"grader/grade.py", "grader/answers.py", "export/moodle/quizzes.xml", "export/canvas/quizzes.zip"} <= names


def test_the_grader_runs_by_itself(course, tmp_path):
    """As it is in the archive, for a notebook that students get: no points, and all that can be had."""
    name, it = next((name, it) for name, it in HANDOUTS.items() if it.tests)
    command = [sys.executable, course / "grader/grade.py", "--into", tmp_path, course / f"{it.folder}/{name}.ipynb"]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=300)
    assert run.returncode == 0, run.stderr
    found = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
    assert found["points"] == 0 and found["of"] > 0
    assert found["exercises"].keys() == {test.label for test in it.tests}


FOUND = {
    "points": 1,
    "of": 3,
    "exercises": {
        "a": {"points": 1, "of": 1, "messages": []},
        "b": {"points": 0, "of": 2, "messages": ["no", "not so"]},
    },
    "remarks": ["cell 2, line 1: no"],
}


def program(source):
    """The functions of a program that is written into an archive."""
    found = {"__name__": "exported", "__file__": str(ROOT / "course/x.py")}
    exec(source, found)
    return found


def test_gradescope(course):
    archive = zipfile.ZipFile(next(course.glob("export/gradescope/*.zip")))
    modes = {it.filename: it.external_attr >> 16 for it in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert {"gradescope.py", "grade.py", "answers.py", "tests/conftest.py", "unrolling-9.whl"} <= modes.keys()
    assert len([it for it in modes if it.startswith("tests/test_")]) == 1
    results = program(archive.read("gradescope.py"))["results"](FOUND)
    assert results["output"] == "cell 2, line 1: no"
    assert results["tests"] == [
        {"name": "a", "score": 1, "max_score": 1, "output": ""},
        {"name": "b", "score": 0, "max_score": 2, "output": "no\nnot so"},
    ]


def test_classroom50(course):
    source = next(course.glob("export/classroom50/*/autograder.py")).read_text("utf-8")
    result = program(source)["result"](FOUND, {"CLASSROOM": "c", "ASSIGNMENT": "s", "COMMIT_URL": "https://x.example"})
    assert result["schema"] == "classroom50/result/v1" and result["review"] == result["commit"]
    strings = ("schema", "classroom", "assignment", "submission", "commit", "release", "review", "datetime")
    assert result.keys() == {*strings, "score", "max-score", "tests"}
    assert all(isinstance(result[it], str) for it in strings)
    assert (result["score"], result["max-score"]) == (1, 3)
    assert result["tests"][1] == {"test-name": "b", "passed": False, "score": 0, "max-score": 2}


def test_moodle(course):
    root = ElementTree.parse(course / "export/moodle/quizzes.xml").getroot()
    assert root.tag == "quiz"
    questions = root.findall("question[@type='multichoice']")
    assert len(questions) >= 3
    for it in questions:
        fractions = [answer.get("fraction") for answer in it.findall("answer")]
        assert sorted(fractions) == ["0"] * (len(fractions) - 1) + ["100"]
        assert it.find("single").text == "true"
        texts = [node.text for node in it.iter("text")]
        assert all(texts)
        assert not any("FORMULA" in text or RAW.search(text) or re.search(r"\$", text) for text in texts), texts


def test_canvas(course):
    archive = zipfile.ZipFile(course / "export/canvas/quizzes.zip")
    manifest = ElementTree.parse(io.BytesIO(archive.read("imsmanifest.xml")))
    files = {it.get("href") for it in manifest.findall(".//{*}file")}
    assert files == {it for it in archive.namelist() if it != "imsmanifest.xml"}
    for name in files:
        root = ElementTree.fromstring(archive.read(name))
        assert root.tag == f"{{{QTI}}}questestinterop"
        for item in root.findall(".//{*}item"):
            labels = [it.get("ident") for it in item.findall(".//{*}response_label")]
            right = [it for it in item.findall(".//{*}respcondition") if it.find("{*}setvar") is not None]
            assert len(right) == 1 and right[0].find(".//{*}varequal").text in labels
            feedback = {it.get("ident") for it in item.findall(".//{*}itemfeedback")}
            assert feedback == {it.get("linkrefid") for it in item.findall(".//{*}displayfeedback")}
            assert feedback == {f"{it}_fb" for it in labels}


def test_formulas_and_words():
    text = export.markup("If $a < b_1$ and *so* $$c_2$$, `x_1`", export.Plain(), "")
    assert text == "<p>If \\(a &lt; b_1\\) and <em>so</em> \\(c_2\\), <code>x_1</code></p>"
