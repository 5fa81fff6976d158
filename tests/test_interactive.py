"""The interactive figures, before a browser sees them. What browsers make of them: tests_site/test_interactive.py."""

import itertools
import json
import math
import re
from functools import partial
from inspect import getmembers, isfunction
from pathlib import Path

import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from unrolling.book import images, interactive
from unrolling.book._myst import PICTURE

STATIC = Path(__file__).parents[1] / "site/static"
A = np.arange(40 * 64).reshape(40, 64) % 17 / 16
GIVEN = {
    "distillation": (
        A,
        np.arange(40) % 10,
        images({"class means": [np.eye(8)] * 10, "distilled": [np.ones((8, 8))] * 10}),
    )
}
FIGURES = {
    name: partial(it, *GIVEN.get(name, ()))
    for name, it in getmembers(interactive, isfunction)
    if it.__module__ == interactive.__name__ and name[0] != "_"
}
every_figure = pytest.mark.parametrize("name", FIGURES)


@every_figure
def test_bundle(name):
    """The same figure is the same, to the last character."""
    first, second = (FIGURES[name]()._repr_mimebundle_() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert set(first) == {interactive.MIME, PICTURE, "text/plain"}
    images = first[interactive.MIME].pop("images", None)
    assert first[interactive.MIME] == {"figure": name} and bool(images) == (name in GIVEN)
    assert len(first["text/plain"]) > 100


def test_a_page_can_make_each_of_them_live():
    live = []
    for file in ("interactive.js", "runs.js", "distillation.js"):
        (names,) = re.findall(r"watch\(\{ ([\w, ]+) \}\)", (STATIC / file).read_text("utf-8"))
        live += names.split(", ")
    assert sorted(live) == sorted(FIGURES)


def test_real_images_are_handed_on():
    """A letter for each grey value, and the images of one digit after those of the digit before."""
    text = FIGURES["distillation"]()._repr_mimebundle_()[interactive.MIME]["images"]
    for digit, letters in enumerate(text.split(" ")):
        grey = (np.frombuffer(letters.encode(), np.uint8) - ord("a")) / 16
        assert (grey.reshape(-1, 64) == A[digit::10]).all()


def test_the_drawn_way_back_is_one():
    """Each iterate is there when it is stepped back from, no more are kept than places, and no schedule is shorter."""
    least, split = interactive._schedules(40)
    for T, c in [(1, 0), (10, 0), (10, 1), (40, 3), (40, 6), (40, 39)]:
        pieces, kept = interactive._way_back(T, c, split) if T > 1 else ([], [(0, 0, 1)])
        assert sum(end - start for start, end, _ in pieces) == least[c, T]
        for done in range(T):  # the step from T - done - 1
            now = {it for it, since, until in kept if since <= done < until}
            assert len(now) <= c + 1
            made = {end for _, end, when in pieces if when == done}
            assert T - done - 1 in now | made
            assert all(start in now | made for start, _, when in pieces if when == done)
        # Griewank and Walther's formula; r is how often a step is made at most.
        r = next(r for r in itertools.count() if math.comb(c + 1 + r, r) >= T)
        assert least[c, T] == (r * T - math.comb(c + 1 + r, r - 1) if r else 0)


@every_figure
def test_alternative_text_has_no_noise(name):
    """No number in it is made by rounding alone."""
    for number in re.findall(r"-?\d+\.?\d*e-\d+", FIGURES[name]().picture.alt):
        assert abs(float(number)) > 1e-7, "give the panel a floor above rounding"


def test_another_process_gives_the_same():
    source = "from unrolling.book import interactive\ninteractive.polynomials()"
    notebook = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.data == interactive.polynomials()._repr_mimebundle_()
