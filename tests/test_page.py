"""How the site shows an output with a chart, without a site: the renderer of myst-nb is a stand-in of the same form."""

import json
from types import SimpleNamespace

import pytest
from docutils import nodes

from unrolling.page import CHART, PICTURE, InteractiveFigure


def renderer():
    return SimpleNamespace(render_image=lambda data: [nodes.image(uri=data.content)])


def output(mime_type, content, cell=1, number=0):
    return SimpleNamespace(mime_type=mime_type, content=content, cell_index=cell, output_index=number)


CONTENT = {"title": "κ </script>", "params": [{"name": "t", "bind": {}}, {"name": "k"}, {"name": "h", "bind": {}}]}


def test_a_chart_waits_for_its_picture_and_stands_beside_it():
    page = renderer()
    assert InteractiveFigure.handle_mime(page, output(CHART, CONTENT), False) == []
    (container,) = InteractiveFigure.handle_mime(page, output(PICTURE, "still.svg"), False)
    assert container["classes"] == ["interactive", "controls-2"]
    image, script = container.children
    assert image["uri"] == "still.svg" and script["format"] == "html"
    text = script.astext()
    start, end = '<script type="application/json">', "</script>"
    assert text.startswith(start) and text.endswith(end) and "κ" in text
    chart = text[len(start) : -len(end)]
    assert "<" not in chart  # nothing in the chart can end the script
    assert json.loads(chart) == CONTENT and chart.index('"params"') < chart.index('"title"')


@pytest.mark.parametrize("cell, number", [(2, 0), (1, 1)])
def test_the_picture_of_another_output_is_left_to_myst_nb(cell, number):
    page = renderer()
    assert InteractiveFigure.handle_mime(page, output(PICTURE, "before.svg"), False) is None
    InteractiveFigure.handle_mime(page, output(CHART, CONTENT), False)
    assert InteractiveFigure.handle_mime(page, output(PICTURE, "other.svg", cell, number), False) is None
    assert InteractiveFigure.handle_mime(page, output("text/plain", "text"), False) is None
