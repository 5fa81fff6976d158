"""The pictures: their alternative text says what is drawn, and the same data give the same bytes."""

import re
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from unrolling.book import diagram, images, panel, plot
from unrolling.book._diagrams import APPLICATIONS, BRANCHES, DECISIONS, LOOKED_UP, SPINE
from unrolling.book._labels import GAP, REACH, _path, label_lines
from unrolling.book.figures import DARK

ROOT = Path(__file__).parents[1]
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
        ([1.0, 2.0, 2.0, 1.0], "c: 1 at 0, peak 2 at 1, 1 at 3."),
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
    """The digits from the fifth on change no byte: neither on the curve, nor where it is too small to be drawn."""
    assert draw() == draw([1.0, 4.0 + 1e-6, 3.0, 0.5])
    assert draw([1.0, 0.5, 1e-14]) == draw([1.0, 0.5, 3e-15])
    assert draw([1.0, 0.5, 1e-14], floor=1e-20) != draw([1.0, 0.5, 3e-15], floor=1e-20)
    assert draw([1.0, 0.5, 1e-14], log="") == draw([1.0, 0.5, -3e-15], log="")
    assert draw([1.0, 0.5, 0.0123451], log="") == draw([1.0, 0.5, 0.0123459], log="")  # digits of the largest count
    assert draw(([1.0, 4.0 + 1e-6, 9.0], HUMP[:3])) == draw(([1.0, 4.0, 9.0], HUMP[:3]))  # an x is computed, too
    assert draw(marks={"m": 2.0 + 1e-6}) == draw(marks={"m": 2.0})


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
        (3.0, "()"),
        ((HUMP, HUMP, HUMP), "(3, "),
        ([], "[]"),
        ([np.nan, np.inf], "[nan inf]"),
    ],
)
def test_other_shapes_are_refused(curve, came):
    for curves, bounds in (({"wide": curve}, None), ({}, {"wide": curve})):
        with pytest.raises(ValueError, match=f"'wide' must (be|have) .*{re.escape(came)}"):
            panel("Title", curves, bounds, ylabel="error")


def test_no_panel_and_no_such_axis_are_refused():
    with pytest.raises(ValueError, match="at least one panel"):
        plot()
    with pytest.raises(TypeError, match="panels must be made by `panel`, got 3"):
        plot(panel("Title", {"a": HUMP}, ylabel="error"), 3)
    with pytest.raises(ValueError, match="log must be .*'z'"):
        panel("Title", {"a": HUMP}, ylabel="error", log="z")


@pytest.mark.parametrize(
    "error, said, options",
    [
        (TypeError, "title must be a text, got None", {"title": None}),
        (TypeError, "ylabel must be a text, got 3", {"ylabel": 3}),
        (TypeError, "xlabel must be a text, got 3", {"xlabel": 3}),
        (TypeError, r"curves must be a dict, from labels, got \[", {"curves": HUMP}),
        (TypeError, "bounds must be a dict", {"bounds": HUMP}),
        (TypeError, "marks must be a dict", {"marks": 2}),
        (TypeError, "curves: a label must be a text, got 3", {"curves": {3: HUMP}}),
        (TypeError, "curve 'a' must be real numbers, got dtype complex128", {"curves": {"a": [1j]}}),
        (TypeError, "curve 'a' must be real numbers, got dtype <U1", {"curves": {"a": ["1"]}}),
        (ValueError, r"curve 'a' must be an array, got \[\[1\], \[2, 3\]\]", {"curves": {"a": [[1], [2, 3]]}}),
        (ValueError, "curve 'a' must be at most 1e100", {"curves": {"a": [1.0, -1e101]}}),
        (ValueError, "curve 'a' must have finite x", {"curves": {"a": ([0.0, np.inf], [1.0, 1.0])}}),
        (ValueError, "curve 'a' must have a value that can be drawn", {"curves": {"a": [0.0, -1.0]}}),
        (ValueError, "curve 'a' must have a value that can be drawn", {"floor": 5}),
        (ValueError, "curve 'a' must have a value that can be drawn", {"curves": {"a": [1.0]}, "log": "x"}),
        (ValueError, "curve 'b' must have a value that can be drawn", {"bounds": {"b": [0.0, 1e-12]}}),
        (ValueError, "floor must be a finite number, got nan", {"floor": np.nan}),
        (ValueError, "mark 'm' must be a finite number, got inf", {"marks": {"m": np.inf}}),
        (ValueError, r"mark 'm' must be a finite number, got \[1. 2.\]", {"marks": {"m": [1.0, 2.0]}}),
        (ValueError, "mark 'm' must be positive on a logarithmic axis, got 0", {"marks": {"m": 0}, "log": "x"}),
        (ValueError, r"log must be .*, got \['x'\]", {"log": ["x"]}),
    ],
)
def test_what_cannot_be_drawn_is_refused(error, said, options):
    with pytest.raises(error, match="^" + said):
        panel(**{"title": "Title", "curves": {"a": HUMP}, "ylabel": "error"} | options)


def test_what_has_no_place_is_left_out():
    """Infinities, NaN, and what a logarithmic axis cannot show; the rest of the curve is drawn."""
    assert draw([1.0, np.inf, 2.0]) == draw([1.0, np.nan, 2.0]) == draw([1.0, -np.inf, 2.0])
    assert draw([1.0, 0.0, 2.0], floor=-1) == draw([1.0, np.nan, 2.0], floor=-1)
    assert draw([1.0, np.inf, 2.0], log="") == draw([1.0, np.nan, 2.0], log="")
    beyond = panel("Title", {"a": ([-1.0, 0.0, 1.0, 2.0], HUMP)}, ylabel="error", log="xy")
    assert plot(beyond).alt.endswith(" a: 3 at 1, 0.5 at 2.")
    assert plot(panel("T", {"a": [1e100, 1.0]}, {"b": [-1e100, 1.0]}, ylabel="y", log="")).alt.count("0 at 1") == 2


def test_texts_are_texts():
    """A dollar begins no formula, and what XML does not allow is replaced, also in the text."""
    picture = plot(panel("$\\bad$", {"$a$": HUMP, "\x00\ud800\x1b": HUMP}, ylabel="$", marks={"$m$": 1}))
    ElementTree.fromstring(picture.svg)
    assert picture.alt.startswith("$\\bad$: $ (log scale)") and "\ufffd\ufffd\ufffd: 1 at 0" in picture.alt
    assert draw(marks={"$x$": 1}) != draw(marks={"x": 1})  # as a formula it would be the letter, slanted
    assert "<!-- $x$ -->" in draw(marks={"$x$": 1})


SIGNED = np.array([[[0.0, 1.0, -0.5], [0.25, 0.0, 0.0]]])  # one image of two rows and three columns


def pixels(picture):
    """The drawn images: place, size of a pixel, frame, and colour and opacity of every pixel that is not empty."""
    found = []
    for group in ElementTree.fromstring(picture.svg).findall(f"{SVG}g[@shape-rendering]"):
        x, y, scale = map(float, re.findall(r"[\d.]+", group.get("transform")))
        frame = group.find(f"{SVG}rect")
        colors = {}
        for path in group.findall(f"{SVG}path"):
            for j, i in re.findall(r"M(\d+) (\d+)h1v1h-1z", path.get("d")):
                assert (int(i), int(j)) not in colors
                colors[int(i), int(j)] = path.get("fill"), float(path.get("fill-opacity"))
        found.append((x, y, scale, (int(frame.get("width")), int(frame.get("height"))), colors))
    return found


def colors(stack, **options):
    return [drawn[-1] for drawn in pixels(images({"row": stack}, **options))]


def test_positive_is_ink_negative_orange_and_zero_the_page():
    ink, orange = "currentColor", "#d55e00"
    assert colors(SIGNED) == [{(0, 1): (ink, 1), (0, 2): (orange, 0.5), (1, 0): (ink, 0.25)}]
    assert colors(SIGNED, largest=2) == [{(0, 1): (ink, 0.5), (0, 2): (orange, 0.25), (1, 0): (ink, 0.125)}]
    assert colors(SIGNED, largest=0.5) == [{(0, 1): (ink, 1), (0, 2): (orange, 1), (1, 0): (ink, 0.5)}]
    assert colors(np.zeros((2, 2, 2))) == [{}, {}]


def test_a_row_has_its_own_scale_unless_told():
    own = images({"a": SIGNED, "b": 2 * SIGNED})
    assert pixels(own)[0][-1] == pixels(own)[1][-1]
    common = images({"a": SIGNED, "b": 2 * SIGNED}, largest=2)
    assert pixels(common)[0][-1] != pixels(common)[1][-1]


@pytest.mark.parametrize("columns, width", [(1, 352.8), (6, 352.8), (7, 590.4), (10, 590.4), (30, 590.4)])
def test_the_images_stand_in_a_grid_within_the_picture(columns, width):
    picture = images({"some label": np.ones((columns, 8, 8)), "b": np.ones((1, 5, 3))}, captions=range(columns))
    across, high = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', picture.svg).groups())
    assert across == width
    *first, last = pixels(picture)
    assert len(first) == columns and last[3] == (3, 5)
    assert last[0] == first[0][0] and last[2] * 5 == pytest.approx(first[0][2] * 8, rel=1e-3)
    for (x, y, scale, _, _), (following, same, _, _, _) in zip(first, first[1:], strict=False):
        assert x + 8 * scale < following and y == same
    assert first[0][0] > 50 and first[-1][0] + 8 * first[-1][2] < across  # 50: the label is on the left
    assert first[0][1] > 20  # below the captions
    assert first[0][1] + 8 * first[0][2] < last[1] and last[1] + 5 * last[2] < high


def test_images_tell_what_they_show():
    rows = {
        "ones": np.ones((10, 8, 8)),
        "signed": SIGNED / 3,
        "none": -np.zeros((2, 1, 1)),
        "minus": -np.ones((1, 1, 1)),
    }
    assert images(rows).alt == (
        "ones: 10 images of 8 × 8 pixels, values from 1 to 1. "
        "signed: 1 image of 2 × 3 pixels, values from -0.17 (orange) to 0.33. "
        "none: 2 images of 1 × 1 pixels, values from 0 to 0. "
        "minus: 1 image of 1 × 1 pixels, values from -1 (orange) to -1."
    )
    assert images({"a": SIGNED}, captions=["left"]).alt.endswith("to 1. Columns: left.")
    assert "left" in images({"a": SIGNED}, captions=["left"]).svg


def test_rounding_does_not_show_in_images():
    """Not even of a value halfway between two shades, or of a zero."""
    halves = (np.arange(16) + 0.5).reshape(1, 4, 4) / 16
    halves[0, 0, 0] = 1
    for sign in (1, -1):
        drawn = [images({"a": sign * halves * (1 + noise)}, largest=1) for noise in (-1e-12, 0, 1e-12)]
        assert len({picture.svg for picture in drawn}) == 1
    drawn = [images({"a": [[[noise, 1.0]]]}) for noise in (-1e-17, -0.0, 0, 1e-17)]
    assert len({picture.svg for picture in drawn}) == len({picture.alt for picture in drawn}) == 1


def test_a_dollar_in_the_text_of_images_is_a_dollar():
    picture = images({"$x$": SIGNED}, captions=["$x^2$"])
    assert "<!-- $x$ -->" in picture.svg and "<!-- $x^2$ -->" in picture.svg


def test_images_are_small_plain_svg_in_the_colours_of_the_page():
    noise = np.random.default_rng(0).normal(size=(10, 8, 8))
    svg = images({"<script>alert(1)</script> & more": noise, "--": noise, "c": noise}, captions=range(10)).svg
    assert len(svg) < 100_000
    assert svg == images({"<script>alert(1)</script> & more": noise, "--": noise, "c": noise}, captions=range(10)).svg
    root = ElementTree.fromstring(svg)
    assert root.get("class") == "figure" and root.find(f".//{SVG}script") is None
    assert not re.search(r'(href|src)="(?!#)|date>|Matplotlib v', svg)
    assert "prefers-color-scheme:dark" in svg and "#222222" not in svg.split("</style>", 1)[1]


@pytest.mark.parametrize(
    "rows, options, said",
    [
        ({}, {}, "rows must be at least one, got none"),
        ({"a": SIGNED * 1e101}, {}, "row 'a' must be at most 1e100"),
        ({"flat": np.ones((8, 8))}, {}, r"'flat' must have the shape \(n, height, width\).* got \(8, 8\)"),
        ({"none": np.ones((0, 8, 8))}, {}, r"'none' must .* got \(0, 8, 8\)"),
        ({"thin": np.ones((2, 8, 0))}, {}, r"'thin' must .* got \(2, 8, 0\)"),
        ({"bad": [[[1.0, np.nan]]]}, {}, "'bad' must have finite values"),
        ({"a": SIGNED}, {"captions": ["b", "c"]}, "captions must be as many as the columns, 1, got 2"),
        ({"a": SIGNED}, {"largest": 0}, "largest must be positive, got 0"),
        ({"a": SIGNED}, {"largest": np.nan}, "largest must be a finite number, got nan"),
    ],
)
def test_other_images_are_refused(rows, options, said):
    with pytest.raises(ValueError, match=said):
        images(rows, **options)


@pytest.mark.parametrize(
    "rows, options, said",
    [
        ([1], {}, "rows must be a dict"),
        ({1: SIGNED}, {}, "rows: a label must be a text, got 1"),
        ({"a": [["text"]]}, {}, "row 'a' must be real numbers"),
        ({"a": SIGNED}, {"captions": "b"}, "captions must be a list, got 'b'"),
    ],
)
def test_what_is_no_image_is_refused(rows, options, said):
    with pytest.raises(TypeError, match=said):
        images(rows, **options)


def labelled(curves, **options):
    """The drawing of ``curves``, and the labels that stand beside them, with their colours."""
    svg = plot(panel("Title", curves, ylabel="error", **options)).svg
    beside = re.findall(r"<!-- (.*?) -->\s*<g style=\"fill: (#\w{6})\"", svg)
    return svg, {label: color for label, color in beside if label in curves}


def test_labels_stand_beside_their_curves_where_there_is_room_and_in_a_legend_where_not():
    t = np.arange(101)
    svg, beside = labelled({"slow": 0.99**t, "fast": 0.9**t})
    assert beside.keys() == {"slow", "fast"} and "legend" not in svg
    svg, beside = labelled({f"a curve among many, number {i}": 1 + np.sin(t + i) for i in range(12)}, log="")
    assert not beside and "legend" in svg


@pytest.mark.parametrize("seed", range(5))
def test_no_label_stands_over_a_line_or_another_label(seed):
    rng = np.random.default_rng(seed)
    figure = Figure(dpi=72, layout="constrained")
    axes = figure.subplots()
    lines = {axes.plot(np.cumsum(rng.normal(size=50)))[0]: f"walk {i}" for i in range(4)}
    axes.axvline(20)
    figure.draw_without_rendering()
    assert label_lines(axes, lines)
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == 4
    for i, box in enumerate(boxes):
        assert axes.bbox.x0 < box.x0 and box.x1 < axes.bbox.x1 and axes.bbox.y0 < box.y0 and box.y1 < axes.bbox.y1
        around = Bbox([box.p0 - [3 * GAP, 0], box.p1 + [3 * GAP, 0]])  # what stands nearer reads like one label
        assert not any(around.overlaps(other) for other in boxes[:i])
        assert not any(
            line.get_transform().transform_path(line.get_path()).intersects_bbox(box, False) for line in axes.lines
        )


def test_a_label_without_room_beside_its_curve_has_a_line_to_it_and_to_no_other():
    """A short curve stands between two walls that are closer to each other than its label is wide."""
    figure = Figure(figsize=(4.9, 3.3), dpi=72)
    axes = figure.subplots()
    axes.set(xlim=(0, 100), ylim=(0, 1))
    height = np.linspace(0, 1)
    short, *walls = (axes.plot(50 + x + 0 * height, height * y)[0] for x, y in [(0, 0.2), (-6, 0.25), (6, 0.25)])
    figure.draw_without_rendering()
    assert label_lines(axes, {short: "between the walls", walls[0]: "left", walls[1]: "right"})
    (leader,) = axes.lines[3:]
    assert leader.get_color() == short.get_color()
    points = leader.get_xydata() * figure.bbox.size
    to_short, *to_walls = (
        np.linalg.norm(points[:, None] - _path(it, axes.bbox.p0, axes.bbox.p1), axis=-1).min() for it in (short, *walls)
    )
    assert to_short < 1 < min(to_walls)
    assert np.linalg.norm(points[0] - points[-1]) < REACH
    for it in (leader, *axes.texts):
        it.remove()
    axes.plot(44 + 12 * height, 0.24 + 0 * height)  # the way out is closed
    assert not label_lines(axes, {short: "between the walls"})
    assert not axes.texts and len(axes.lines) == 4


def test_what_is_named_has_one_colour_in_every_picture():
    falling = [1.0, 0.5, 0.1]
    _, alone = labelled({"Chebyshev": falling, "other": HUMP})
    _, among = labelled({"x": HUMP, "h = 1/L": [3.0, 3.0, 3.0], "Chebyshev": falling, "Jacobian": [9.0, 9.0, 9.0]})
    assert alone["Chebyshev"] == among["Chebyshev"] and len(set(among.values())) == 4
    _, twice = labelled({"Chebyshev": falling, "Chebyshev, late": HUMP})
    assert len(set(twice.values())) == 2


def test_curves_can_be_read_as_text_on_both_pages():
    """WCAG's contrast of 4.5 to 1, with the page's own colour, as the style of a picture has it."""

    def luminance(color):
        channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for light, dark in DARK.items():
        assert 1.05 / (luminance(light) + 0.05) >= 4.5
        assert (luminance(dark) + 0.05) / (luminance("#1b2027") + 0.05) >= 4.5
    light, dark = next(iter(DARK.items()))
    assert f"stroke: {light}" in draw() and f'[style*="stroke: {light}"]{{stroke:{dark}!important}}' in draw()


DRAWINGS = ["checkpoints", "decisions", "loops", "map", "modes", "streams", *APPLICATIONS]


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_well_formed_and_says_what_it_shows(name):
    picture = diagram(name)
    assert ElementTree.fromstring(picture.svg).tag == SVG + "svg"
    assert len(picture.alt) > 80
    assert diagram(name).svg == picture.svg
    with pytest.raises(ValueError, match="name must be one of checkpoints, data-augmentation, .*, got 'tree'"):
        diagram("tree")


def read_chapter(name):
    (file,) = (ROOT / "chapters").glob(f"*/{name}.ipynb")
    return [cell["source"] for cell in nbformat.read(file, as_version=4).cells if cell["cell_type"] == "markdown"]


def test_the_drawn_decisions_are_the_lines_of_the_chapter_in_its_order():
    (table,) = (it for it in read_chapter("how-to-choose") if "| If … |" in it and "how-to-choose-network" in it)
    table = table.split("| If … |")[1]  # the second table is not drawn
    assert [it[0] for it in DECISIONS if len(it) == 3] == re.findall(r"^\| \{ref\}`(\w+) <", table, re.MULTILINE)
    for name, question, answer in (it for it in DECISIONS if len(it) == 3):
        assert name in "ABCD12345678" and max(map(len, f"{question}|{answer}".split("|"))) <= 26  # so much fits


def test_the_map_is_that_of_the_contents():
    """Numbers and titles are those of the chapters, and each arrow is among what a chapter says it needs."""
    contents = (ROOT / "_toc.yml").read_text("utf-8").split("numbered: 1", 1)[1].split("caption: Teaching")[0]
    files = [ROOT / f"{it}.ipynb" for it in re.findall(r"file: (\S+)", contents)]
    needs = {}
    for number, file in enumerate(files, 1):
        cell = read_chapter(file.stem)[0]
        needs[str(number)] = file.stem, re.search("^# (.*)", cell, re.MULTILINE)[1].lower(), cell
    first, last = (str(1 + [it.parent.name for it in files].index("applications")), str(len(files)))
    needs[f"{first}–{last}"] = needs[first][0], "applications", needs[first][2]
    shown = [*SPINE, *BRANCHES, *LOOKED_UP]
    for number, title, *_ in shown:
        assert title.lower() in needs[number][1]
    one_by_one = [it for it, *_ in shown if "–" not in it] + [str(it) for it in range(int(first), int(last) + 1)]
    assert sorted(one_by_one, key=int) == [str(it) for it in range(1, len(files) + 1)]
    for number, *_, before in BRANCHES:
        assert needs[before][0] in re.search(r"\*\*You need\*\* [^:]*?\n\n", needs[number][2] + "\n\n", re.DOTALL)[0]
