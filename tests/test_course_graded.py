"""Graded exercises: the book's answers pass their tests, a blank stub passes none, known errors are told apart.

All in one process, which loads JAX once; tests/test_course_grade.py grades whole notebooks as a course does.
"""

import ast
import importlib.util
import inspect
import itertools
import json
import sys
import tomllib
from pathlib import Path

import pytest
from answers import Answers, checked
from handouts import code, pieces

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "course"
TABLE = tomllib.loads((COURSE / "course.toml").read_text("utf-8"))["exercises"]
PRIVATE = () if (COURSE / "problems").exists() else ("ps", "project")  # make course-public leaves them out
GRADED = {label for label, it in TABLE.items() if it.get("graded") and not label.startswith(PRIVATE)}
SOURCES = {it.stem.replace("-", "_"): it for it in [*ROOT.glob("chapters/*/*.ipynb"), *COURSE.glob("problems/*.ipynb")]}


def module(path):
    spec = importlib.util.spec_from_file_location(f"course_{path.parent.name}_{path.stem}", path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


class Chapter:
    def __init__(self, path):
        self.name = path.stem.removeprefix("test_")
        self.notebook = json.loads(SOURCES[self.name].read_text("utf-8"))
        found = vars(module(path))
        self.tests = {name: it for name, it in found.items() if name.startswith("test_")}
        wrong = COURSE / "wrong" / f"{self.name}.py"
        found = vars(module(wrong)) if wrong.exists() else {}
        self.wrong = {name: it for name, it in found.items() if "__" in name.strip("_") and inspect.isfunction(it)}

    def labels(self):
        return {task(it).args[0] for it in self.tests.values()}


def mark(test, name):
    return [it for it in getattr(test, "pytestmark", []) if it.name == name]


def task(test):
    marks = mark(test, "task")
    assert marks, f"{test.__name__} belongs to no exercise: @task(label, points=...)"
    return marks[0]


def cases(test):
    """The arguments of each case of a test, without the functions of the answers."""
    sets = []
    for it in mark(test, "parametrize"):
        names = [name.strip() for name in it.args[0].split(",")] if isinstance(it.args[0], str) else it.args[0]
        values = [getattr(value, "values", value if len(names) > 1 else (value,)) for value in it.args[1]]
        sets.append([dict(zip(names, value, strict=True)) for value in values])
    for chosen in itertools.product(*sets):
        yield {name: value for part in chosen for name, value in part.items()}


def functions(test):
    filled = next(cases(test))
    return [name for name in inspect.signature(test).parameters if name not in filled]


def failures(test, answers):
    """What each failing case of a test says; all cases are tried."""
    for case in cases(test):
        try:
            test(**case, **{name: answers[name] for name in functions(test)})
        except Exception as error:  # whatever a student's function raises
            yield f"{type(error).__name__}: {error}"


def belonging_to(chapter, label):
    return [it for it in chapter.tests.values() if task(it).args[0] == label]


TESTS = {path.stem.removeprefix("test_"): path for path in sorted(COURSE.glob("tests/test_*.py"))}
TESTS = {name: path for name, path in TESTS.items() if name in SOURCES}


@pytest.fixture(scope="module")
def chapters():
    return {}


@pytest.fixture(params=TESTS)
def chapter(request, chapters):
    if request.param not in chapters:
        chapters[request.param] = Chapter(TESTS[request.param])
    return chapters[request.param]


def test_the_books_answers_pass(chapter):
    answers = Answers(code(chapter.notebook))
    failed = {name: said for name, test in chapter.tests.items() if (said := list(failures(test, answers)))}
    assert not failed, answers.remarks


def test_a_blank_stub_passes_no_test(chapter):
    names = {name for test in chapter.tests.values() for name in functions(test)}
    answers = Answers(code(chapter.notebook, blank=names))
    for name, test in chapter.tests.items():
        assert any("NotImplementedError" in it for it in failures(test, answers)), name


def test_known_errors_are_told_what_is_wrong(chapter):
    answers = Answers(code(chapter.notebook))
    for name, function in chapter.wrong.items():
        replaced, message = name.split("__")[0], " ".join(inspect.getdoc(function).split())
        tried = [test for test in chapter.tests.values() if replaced in functions(test)]
        assert tried, f"no test takes {replaced}"
        mixed = {it: answers[it] for test in tried for it in functions(test)} | {replaced: checked(function)}
        said = [" ".join(it.split()) for test in tried for it in failures(test, mixed)]
        assert any(message in it for it in said), f"{name} is told {said or 'nothing: it passes'}"


def test_each_graded_exercise_has_tests_that_take_its_functions_by_name(chapter):
    defined = {}
    for piece in pieces(chapter.notebook):
        if piece.cell["cell_type"] == "code" and piece.solution:
            names = {it.name for it in ast.parse(piece.content).body if isinstance(it, ast.FunctionDef)}
            defined.setdefault(piece.solution, set()).update(names)
    labels = {it for it in GRADED if it in defined}
    assert labels == chapter.labels(), "graded in course.toml, and tested"
    for label in labels:
        tests = belonging_to(chapter, label)
        assert any(it.__name__.startswith("test_shown_") for it in tests), f"{label} has no test that is shown"
        taken = {name for test in tests for name in functions(test)}
        assert taken <= defined[label], f"{label} does not define {taken - defined[label]}"
        assert any(name.split("__")[0] in taken for name in chapter.wrong), f"{label} has no known error"


def test_each_graded_exercise_is_tested():
    tested = {task(it).args[0] for path in TESTS.values() for it in Chapter(path).tests.values()}
    assert tested >= GRADED
