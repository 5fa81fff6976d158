"""course/grade.py: damaged notebooks are graded all the same, and no way but an answer leads to points."""

import json
import socket
import subprocess
import sys

import pytest
from grade import Grading, chapters_tests, events, grade, without_network

TESTS = """
import numpy as np
import pytest

task = pytest.mark.task


@task("square", points=1)
def test_shown_two(square):
    assert square(2) == 4, "two times two is four"


@task("square", points=2)
@pytest.mark.parametrize("x", [3.0, -1.5])
def test_any(square, x):
    assert abs(square(x) - x * x) < 1e-9, f"not {square(x)}"


@task("norm", points=3)
@pytest.mark.parametrize("v, expected", [([3, 4], 5), ([0, 0], 0)])
def test_norm(norm, square, v, expected):
    assert norm(np.array(v)) == expected
"""
IMPORTS = "import numpy as np\nfrom math import sqrt"
SQUARE = '"""A text is no answer."""\ndef square(x):\n    """x times x"""\n    return x * x'
NORM = "def norm(v):\n    return sqrt(square(v).sum())"
STUB = 'def square(x):\n    """x times x"""\n    raise NotImplementedError  # your code here'
ALL = {"square": 3, "norm": 3}


@pytest.fixture
def graded(tmp_path):
    (tmp_path / "test_example.py").write_text(TESTS, "utf-8")

    def run(*cells, seconds=10):
        cells = [{"cell_type": "code", "id": "same", "source": it} for it in cells]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        path = tmp_path / "answers.ipynb"
        path.write_text(json.dumps(notebook), "utf-8")
        return grade(path, tmp_path / "test_example.py", seconds)

    return run


def points(result):
    return {label: it["points"] for label, it in result["exercises"].items()}


def messages(result, label="square"):
    return result["exercises"][label]["messages"]


def test_what_only_wraps_a_function_is_taken_and_a_constant_that_needs_a_run_is_passed_over(graded):
    wrapped = "import jax\nsquared = jax.vmap(lambda x: x * x)\nfirst = found[0]"
    answer = "def square(x):\n    return squared(np.array([x]))[0]"
    result = graded(IMPORTS, "found = list(range(3))", wrapped, answer)
    assert points(result)["square"] == 3 and result["remarks"] == []


def test_a_right_one(graded):
    result = graded(IMPORTS, SQUARE, NORM)
    assert points(result) == ALL
    assert (result["points"], result["of"]) == (6, 6)
    assert not any(result["exercises"][it]["messages"] for it in ALL)


def test_a_wrong_one_hears_what_is_wrong_and_a_blank_one_has_no_points(graded):
    result = graded(IMPORTS, "def square(x):\n    return 2 * x")
    assert points(result) == {"square": 1, "norm": 0}  # one of the tests, and not all cases of the other
    assert messages(result) == ["not 6.0"] and messages(result, "norm") == ["there is no function norm"]
    result = graded(IMPORTS, STUB, "def norm(v): ...")
    assert points(result) == {"square": 0, "norm": 0} and result["of"] == 6
    assert messages(result) == ["nothing is there yet"]


def test_a_damaged_one(graded):
    """Moved, copied, with the stub after the answer, broken, with words for the kernel, and with errors."""
    result = graded(
        "1 / 0\nraise SystemExit", NORM, "def broken(:\n    pass", f"%matplotlib inline\n!ls\n{IMPORTS}\nnp.array?",
        "%%bash\nls -l", SQUARE, SQUARE, STUB, "x = 1 / 0", "import torch", "while True: pass", "x = nothing",
    )  # fmt: skip
    assert points(result) == ALL
    assert result["remarks"] == [
        "cell 3, line 1: invalid syntax",
        "cell 9, line 1: ZeroDivisionError: division by zero",
        "cell 10, line 1: torch is not imported for an answer",
    ]


def test_one_that_takes_too_long_or_ends_its_process_fails_there_only(graded):
    loop = "def square(x):\n    while np.all(x == 2): pass\n    return x * x"
    result = graded(IMPORTS, loop, NORM, seconds=2)
    assert points(result) == {"square": 2, "norm": 3} and messages(result) == ["it took more than 2 seconds"]
    crash = (
        "def square(x):\n    if x is 2: np.lib.stride_tricks.as_strided(np.zeros(1), (2**40,)).sum()\n    return x * x"
    )
    result = graded(IMPORTS, crash, NORM)
    assert points(result) == {"square": 2, "norm": 3} and messages(result) == ["it ended the process"]


def test_one_that_ends_everything_has_no_points(graded):
    result = graded(IMPORTS, "x = 9**9**9", SQUARE, NORM, seconds=0.5)
    assert result["of"] == 6


@pytest.mark.parametrize(
    ("attack", "message"),
    {
        "import os\ndef square(x):\n    os._exit(0)": "there is no function square",
        "def square(x):\n    raise SystemExit": "SystemExit",
        "class Yes(float):\n    def __eq__(self, other): return True\ndef square(x):\n    return Yes()": "of its own",
        "def square(x):\n    np.abs = np.array = lambda *_: 0\n    return 4": "the answers changed numpy.",
        "def square(x):\n    np.sum.__code__ = STUB.__code__\n    return 4": "there is no function square",
        "def square(x):\n    open('report', 'a').write('{}')\n    return 4": "there is no function square",
        "def square(x):\n    return np.ones(10**11)": "MemoryError",
        "from dataclasses import sys\ndef square(x):\n    return sys.exit()": "there is no function square",
    }.items(),
    ids=lambda it: it.split("\n")[-1][:20],
)
def test_no_other_way_leads_to_points(graded, attack, message):
    result = graded(IMPORTS, attack)
    assert points(result) == {"square": 0, "norm": 0} and result["of"] == 6
    assert any(message in it for it in messages(result)), messages(result)


def test_only_who_knows_the_word_reports(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    report = tmp_path / "report"
    lines = ['{"word": "right", "end": "a"}', '{"word": "wrong", "end": "b"}', '{"end": "c"}', "[]", "x", '"right"']
    report.write_text("\n".join([*lines, '{"word": "right"']))
    assert list(events(process, report, "right", 1)) == [{"end": "a"}]


def test_a_case_without_points_takes_the_tests():
    result = Grading({"t[1]": ("a", 2), "t[2]": ("a", 2)}, {"t[1]": (True, ""), "t[2]": (False, "no")})
    assert result.exercises() == {"a": {"points": 0, "of": 2, "messages": ["no"]}}


@pytest.mark.skipif(not without_network(), reason="nothing on this machine cuts off the network")
def test_there_is_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 1)"
        assert subprocess.run([sys.executable, "-c", program]).returncode == 0
        run = subprocess.run([*without_network(), sys.executable, "-c", program], capture_output=True, text=True)
    assert "OSError" in run.stderr or "refused" in run.stderr or "unreachable" in run.stderr


def test_which_tests(tmp_path):
    path = tmp_path / "whatever.ipynb"
    path.write_text(json.dumps({"metadata": {"course": {"chapter": "curse"}}}))
    assert chapters_tests(path).name == "test_curse.py"
    for content in ("{", "[]", json.dumps({"metadata": {}})):
        path.write_text(content)
        with pytest.raises(SystemExit, match="--tests"):
            chapters_tests(path)
