"""The interactive figures, before a browser sees them. What browsers make of them: tests_site/test_interactive.py."""

import json
import re
from inspect import getmembers, isfunction

import altair as alt
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from unrolling.book import interactive
from unrolling.book._myst import CHART, PICTURE

FIGURES = [
    it
    for _, it in getmembers(interactive, isfunction)
    if it.__module__ == interactive.__name__ and it.__name__[0] != "_"
]
every_figure = pytest.mark.parametrize("figure", FIGURES)


@every_figure
def test_bundle(figure):
    """The same figure is the same, to the last character, and its chart keeps to the schema."""
    first, second = (figure()._repr_mimebundle_() for _ in range(2))
    assert json.dumps(first) == json.dumps(second)
    assert set(first) == {CHART, PICTURE, "text/plain"}
    alt.Chart.from_dict(first[CHART])  # raises for what Vega-Lite does not know
    assert first[CHART]["description"] == first["text/plain"]
    assert len(first["text/plain"]) > 100


@every_figure
def test_nothing_from_elsewhere(figure):
    chart = figure().spec
    assert chart.pop("$schema").startswith("https://vega.github.io/schema/vega-lite/v5")
    text = json.dumps(chart)
    assert not re.search(r"https?:|//|\burl\b", text)
    assert len(text) < 20_000


@every_figure
def test_alternative_text_has_no_noise(figure):
    """No number in it is made by rounding alone."""
    for number in re.findall(r"-?\d+\.?\d*e-\d+", figure().picture.alt):
        assert abs(float(number)) > 1e-7, "give the panel a floor above rounding"


@every_figure
def test_controls_have_names(figure):
    controls = [param for param in figure().spec["params"] if "bind" in param]
    assert controls
    for control in controls:
        assert control["bind"]["name"]
        if control["bind"]["input"] == "range":
            assert control["bind"]["min"] <= control["value"] <= control["bind"]["max"]


def test_another_process_gives_the_same():
    source = "from unrolling.book import interactive\ninteractive.polynomials()"
    notebook = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(notebook, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.data == interactive.polynomials()._repr_mimebundle_()
