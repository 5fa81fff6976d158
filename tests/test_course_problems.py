"""Problem sets, project and exam: solvable for each seed, with other numbers; every aim of the course is examined."""

import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from answers import Answers
from handouts import code
from test_course_graded import Chapter, failures

COURSE = Path(__file__).parents[1] / "course"
sys.path.append(str(COURSE / "problems"))
import exam  # noqa: E402

SEEDS = range(5)
TABLE = tomllib.loads((COURSE / "course.toml").read_text("utf-8"))
OBJECTIVES = [it for session in TABLE["session"] for it in session["objectives"]]


@pytest.fixture(scope="module", params=["ps1", "ps2", "ps3", "project"])
def problems(request):
    notebook = json.loads((COURSE / f"problems/{request.param}.ipynb").read_text("utf-8"))
    return request.param, Answers(code(notebook))


@pytest.mark.parametrize("seed", SEEDS[1:])
def test_the_answers_pass_for_other_seeds(problems, seed, monkeypatch):
    name, answers = problems
    monkeypatch.setenv("COURSE_SEED", str(seed))
    chapter = Chapter(COURSE / f"tests/test_{name}.py")
    said = [it for test in chapter.tests.values() for it in failures(test, answers)]
    assert not said


def test_each_pair_has_another_problem_with_a_wrong_sign():
    project = Answers(code(json.loads((COURSE / "problems/project.ipynb").read_text("utf-8"))))
    seen = []
    for seed in SEEDS:
        inner, outer, x0, theta, ell, L = project["instance"](seed, 1)
        unrolled = project["unrolled_hypergradients"](inner, outer, x0, theta, 2 / (L + ell), 200)
        exact = project["cured"](inner, outer, x0, theta, ell, L, 400)
        assert np.sum(np.sign(unrolled[1:]) != np.sign(exact)) > 20, f"seed {seed}"
        seen.append(round(float(theta), 6))
    assert len(set(seen)) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_paper_has_sixty_points_and_numbers(seed):
    drawn = exam.paper(seed)
    assert {part: len(it) for part, it in drawn.items()} == {part: count for part, (_, count, _) in exam.PARTS.items()}
    assert sum(count * points for _, count, points in exam.PARTS.values()) == 60
    for part, items in drawn.items():
        for it in items:
            assert "nan" not in it.answer
            said = [int(points) for points in re.findall(r"\*(\d+) point", it.answer)]
            assert sum(said) == (0 if part == "judge" else exam.PARTS[part][2]), it.answer


def test_another_seed_is_another_paper():
    assert len({str(exam.paper(seed)) for seed in SEEDS}) == len(SEEDS)


def test_a_paper_without_answers_has_none():
    asked, answered = (exam.document(3, answers) for answers in (False, True))
    assert "True.</strong>" not in asked and "False.</strong>" not in asked and 'class="answer"' not in asked
    assert answered.count('class="answer"') == sum(count for _, count, _ in exam.PARTS.values())


def test_each_item_examines_an_aim_and_each_aim_is_examined():
    named = {name for it in OBJECTIVES for name in it["exam"]}
    assert named == {name for part in exam.BANK.values() for name in part}
    assert all(it["exam"] for it in OBJECTIVES)


@pytest.mark.parametrize("name", ["excellent", "adequate"])
def test_the_numbers_of_a_sample_report_are_those_of_the_project(name):
    cells = json.loads((COURSE / "problems/project.ipynb").read_text("utf-8"))["cells"]
    printed = "".join(line for cell in cells for it in cell.get("outputs", ()) for line in it.get("text", ()))
    report = (COURSE / f"samples/{name}.md").read_text("utf-8").split("---")[0]
    numbers = set(re.findall(r"(?<![\w.])\d+\.\d{2,}", report)) - {"0.05"}
    assert numbers and all(re.search(rf"(?<![\d.]){re.escape(it)}(?!\d)", printed) for it in numbers), numbers
