"""The pictures: their alternative text says what is drawn, and the same data give the same bytes."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from unrolling.figures import panel, plot

HUMP = [1.0, 4.0, 3.0, 0.5]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    "curve, said",
    [
        ([4.0, 2.0, 1.0], "c: 4 at 0, 1 at 2."),
        (HUMP, "c: 1 at 0, peak 4 at 1, 0.5 at 3."),
        ([2.0, 0.25, 1.0], "c: 2 at 0, trough 0.25 at 1, 1 at 2."),
        ([2.0, 0.25, 3.0, 1.0], "c: 2 at 0, trough 0.25 at 1, peak 3 at 2, 1 at 3."),
        (([10, 100, 1000], [1.0, 5.0, 2.0]), "c: 1 at 10, peak 5 at 100, 2 at 1000."),
        ([np.nan, 2.0, 1.0], "c: 2 at 1, 1 at 2."),
        ([1.0, 1.0 + 1e-12, 1.0], "c: 1 at 0, 1 at 2."),  # what rounding alone makes is no peak
        ([1.0, 0.5, 1e-14], "c: 1 at 0, 0.5 at 1."),  # what is too small to be drawn is not told
        ([1.0, 0.123456, 0.1], "c: 1 at 0, 0.1 at 2."),
    ],
)
def test_the_text_tells_start_extremes_and_end(curve, said):
    assert plot(panel("Title", {"c": curve}, ylabel="error")).alt == (
        f"Title: error (log scale) against iteration t. {said}"
    )


def test_the_text_has_every_panel_curve_bound_and_mark():
    left = panel("Left", {"a": HUMP, "b": [1.0, 2.0]}, {"a": [5.0, 4.0]}, ylabel="error", marks={"t*": 1})
    right = panel("Right", {"c": HUMP}, ylabel="P", xlabel="lambda", log="")
    both = panel("Both", {"c": ([1.0, 10.0], [1.0, 2.0])}, ylabel="P", xlabel="d", log="xy")
    assert plot(left, right, both).alt == (
        "Left: error (log scale) against iteration t. a: 1 at 0, peak 4 at 1, 0.5 at 3. b: 1 at 0, 2 at 1. "
        "a (bound, dashed): 5 at 0, 4 at 1. Vertical line, t*: 1. "
        "Right: P against lambda. c: 1 at 0, peak 4 at 1, 0.5 at 3. "
        "Both: P (log scale) against d (log scale). c: 1 at 1, 2 at 10."
    )


def draw(curve=HUMP, **options):
    return plot(panel("Title", {"a": curve, "b": [1.0, 2.0]}, {"a": [5.0, 4.0]}, ylabel="error", **options)).svg


def test_the_same_data_give_the_same_bytes():
    assert draw() == draw()
    assert draw() != draw([1.0, 4.1, 3.0, 0.5])


def test_rounding_does_not_show():
    """Another processor's last digits change no byte: neither on the curve, nor where it is too small to be drawn."""
    assert draw() == draw([1.0, 4.0 + 1e-12, 3.0, 0.5])
    assert draw([1.0, 0.5, 1e-14]) == draw([1.0, 0.5, 3e-15])
    assert draw([1.0, 0.5, 1e-14], floor=1e-20) != draw([1.0, 0.5, 3e-15], floor=1e-20)
    assert draw([1.0, 0.5, 1e-14], log="") == draw([1.0, 0.5, -3e-15], log="")


def test_the_picture_is_plain_svg():
    """Well-formed, with no script, no date and nothing from outside; labels are text, not markup."""
    svg = plot(panel("<script>alert(1)</script> & more", {"a<b": HUMP, "--": HUMP}, ylabel="error")).svg
    root = ElementTree.fromstring(svg)
    assert root.tag == SVG + "svg" and root.get("class") == "figure"
    assert "<script" not in svg and root.find(f".//{SVG}script") is None
    assert not re.search(r"date>|\d{4}-\d\d-\d\d|Matplotlib v", svg)
    assert not re.search(r'(href|src)="(?!#)', svg)


def test_ink_follows_the_page():
    """The text takes the colour of the page: no element has the light scheme's ink fixed as its own."""
    style, drawing = re.search(r"(<style>.*?</style>)(.*)", draw(), re.DOTALL).groups()
    assert "prefers-color-scheme:dark" in style
    assert "currentColor" in drawing and "#222222" not in drawing


def test_a_notebook_shows_the_picture_with_its_text():
    picture = plot(panel("Title", {"a": HUMP}, ylabel="error"))
    assert picture._repr_mimebundle_() == {"image/svg+xml": picture.svg, "text/plain": picture.alt}


@pytest.mark.parametrize(
    "curve, came",
    [
        (np.ones((2, 3)), "(2, 3)"),
        ((np.ones(2), np.ones(3)), "(2,) and (3,)"),
        ((np.ones((2, 2)), np.ones((2, 2))), "(2, 2)"),
    ],
)
def test_other_shapes_are_refused(curve, came):
    for curves, bounds in (({"wide": curve}, None), ({}, {"wide": curve})):
        with pytest.raises(ValueError, match=f"'wide' must be .*{re.escape(came)}"):
            panel("Title", curves, bounds, ylabel="error")
