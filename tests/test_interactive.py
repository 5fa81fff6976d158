"""The interactive figures, before a browser sees them. What browsers make of them: tests_site/test_interactive.py."""

import json
import re
from inspect import getmembers, isfunction
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from unrolling.book import interactive
from unrolling.book._myst import PICTURE

STATIC = Path(__file__).parents[1] / "site/static"
FIGURES = {
    name: it
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
    assert first[interactive.MIME] == {"figure": name}
    assert len(first["text/plain"]) > 100


def test_a_page_can_make_each_of_them_live():
    script = (STATIC / "interactive.js").read_text("utf-8")
    (names,) = re.findall(r"watch\(\{ ([\w, ]+) \}\)", script)
    assert set(names.split(", ")) == set(FIGURES)


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
