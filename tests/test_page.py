"""How Sphinx shows an interactive figure; any other output, as if no book were there."""

import io
import json
import re

import pytest
from bs4 import BeautifulSoup
from myst_nb.core import render
from nbformat.v4 import new_code_cell, new_notebook, new_output
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from unrolling.book import interactive
from unrolling.book._myst import PICTURE, InteractiveFigure

CONF = "extensions = ['myst_nb']\nnb_execution_mode = 'off'\nhtml_theme = 'basic'\n"
PLAIN = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
CHART = "application/vnd.vegalite.v5+json"
OTHERS = {"a chart": {CHART: {"mark": "point"}}, "chart and picture": {CHART: {"mark": "point"}, PICTURE: PLAIN}}


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function that gives the page of some project with these outputs, a cell each, and what Sphinx warns of."""
    source, out = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    (source / "conf.py").write_text(CONF, "utf-8")

    def build(plugins, *outputs):
        monkeypatch.setattr(render, "load_mime_renders", lambda: plugins)
        notebook = new_notebook(metadata={"language_info": {"name": "python", "pygments_lexer": "python"}})
        for i, output in enumerate(outputs):
            cell = new_code_cell("figure", id=f"figure-{i}", execution_count=i)
            cell.outputs = [new_output("execute_result", output | {"text/plain": "figure"}, execution_count=i)]
            notebook.cells.append(cell)
        (source / "index.ipynb").write_text(json.dumps(notebook), "utf-8")
        warnings = io.StringIO()
        with docutils_namespace():
            app = Sphinx(source, source, out, out, "html", status=None, warning=warnings, freshenv=True)
            app.build(force_all=True)
        page = BeautifulSoup((out / "index.html").read_text("utf-8"), "html.parser")
        return page.select_one(".body"), re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())

    return build


def test_myst_nb_finds_it():
    assert InteractiveFigure in render.load_mime_renders()


@pytest.mark.parametrize("output", OTHERS.values(), ids=OTHERS)
def test_other_charts_are_left_alone(build, output):
    body, warnings = build([InteractiveFigure], output)
    assert (body, warnings) == build([], output)
    assert f"skipping unknown output mime type: {CHART}" in warnings, "so says myst-nb of every chart"


def test_the_picture_stands_in_a_box_with_the_figures_name(build):
    bundle = interactive.polynomials()._repr_mimebundle_()
    body, warnings = build([InteractiveFigure], bundle, {PICTURE: PLAIN})
    (figure,) = body.select(".interactive")
    assert figure["data-figure"] == "polynomials"
    assert figure.div.img["src"].endswith(".svg") and len(body.select("img")) == 2
    assert warnings == ""
