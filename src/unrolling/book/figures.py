"""The book's pictures: curves and small images, drawn as SVG, each with an alternative text made from its data."""

import io
import itertools
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

from unrolling.book._labels import INK, RULE, label_lines

# On white and on the dark page: both can be read as text. The first two are those of P and P' in formulas.
DARK = {"#0b66a3": "#7cc0f0", "#b54a00": "#f0a875", "#00795a": "#5fd0ab", "#96407b": "#e3a0cd"}
DARK |= {"#7d5a00": "#dcb765", "#4a6fd0": "#a9bdf7", "#6f4a36": "#cfa78f"}
COLORS = list(DARK)
MARKERS = "os^Dv<>"
# What has a colour of its own through the whole book: the first of these that a label contains.
NAMED = {"Chebyshev": 2, "Sobolev": 3, "Nesterov": 4, "mplicit": 6, "√2/L": 5, "2/(L": 1, "1/L": 0}
NAMED |= {"joint": 0, "first-order": 1, "proximal": 3, "MAML": 2}
NAMED |= {"′": 1, "acobian": 1, "∂x": 1, "terate": 0, "Pₜ": 0}
NEGATIVE, SHADES = "#d55e00", 16  # of the pixels of an image

STYLE = {
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.dpi": 72,  # as an SVG has it
    "figure.facecolor": "none",
    "font.size": 11,
    "legend.fontsize": 9.5,
    "legend.framealpha": 0.8,
    "legend.edgecolor": "none",
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "svg.hashsalt": "unrolling",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}

# An SVG keeps to the colour scheme of the page that shows it.
SCHEME = (
    "<style>.figure{{color:#222222;background:#ffffff}}"
    "@media (prefers-color-scheme:dark){{.figure{{color:#e6e6e6;background:#1b2027}}{curves}}}</style>"
)
REPAINT = '[style*="{part}: {light}"]{{{part}:{dark}!important}}'


class Panel(NamedTuple):
    title: str
    curves: dict
    bounds: dict
    ylabel: str
    xlabel: str
    log: str
    floor: float
    marks: dict


def panel(title, curves, bounds=None, *, ylabel, xlabel="iteration t", log="y", floor=None, marks=None):
    """One set of axes.

    ``curves`` maps a label to y or to (x, y), 1-D arrays; x is 0, 1, 2, ... unless given. ``bounds`` are curves too,
    drawn dashed, in the colour of the curve of the same label where there is one. ``log`` names the logarithmic axes:
    "", "x", "y" or "xy". Values below ``floor`` (on a logarithmic y axis, unless given, 1e-10 of the largest) are
    rounding noise and are not drawn; nor are infinities, NaN, and what a logarithmic axis has no place for. ``marks``
    maps a label to an x, shown as a vertical line. Raises TypeError or ValueError for other kinds and shapes, for
    values beyond 1e100, and for a curve of which nothing would be drawn.

    Examples
    --------
    >>> errors = {"iterate": [4.0, 2.0, 1.0], "Jacobian": [1.0, 2.0, 1.5]}
    >>> rise = panel("One rises", errors, {"Jacobian": [1.0, 3.0, 2.0]}, ylabel="error", marks={"peak": 1})
    """
    if not isinstance(log, str) or log not in ("", "x", "y", "xy"):
        raise ValueError(f'log must be "", "x", "y" or "xy", got {log!r}')
    title, xlabel, ylabel = _text("title", title), _text("xlabel", xlabel), _text("ylabel", ylabel)
    curves = {label: _points(label, data, log) for label, data in _labelled("curves", curves)}
    bounds = {label: _points(label, data, log) for label, data in _labelled("bounds", bounds)}
    marks = {label: _number(f"mark {label!r}", x) for label, x in _labelled("marks", marks)}
    lines = [*curves.items(), *bounds.items()]
    if floor is not None:
        floor = _number("floor", floor)
    elif "y" in log:
        floor = 1e-10 * max((np.nanmax(y, initial=0) for _, (_, y) in lines), default=0)
    content = Panel(title, curves, bounds, ylabel, xlabel, log, floor, marks)
    for label, (x, y) in lines:
        if np.isnan(_visible(y, content)).all():
            raise ValueError(f"curve {label!r} must have a value that can be drawn, got x = {x} and y = {y}")
    for label, x in marks.items():
        if "x" in log and x <= 0:
            raise ValueError(f"mark {label!r} must be positive on a logarithmic axis, got {x}")
    return content


def plot(*panels):
    """A picture of one `panel`, or of several side by side, with an alternative text made from the data.

    Examples
    --------
    >>> picture = plot(panel("Halving", {"x": [4.0, 2.0, 1.0]}, ylabel="error"))
    >>> print(picture.alt)
    Halving: error (log scale) against iteration t. x: 4 at 0, 1 at 2.
    """
    if not panels:
        raise ValueError("panels must be at least one panel, got none")
    for content in panels:
        if not isinstance(content, Panel):
            raise TypeError(f"panels must be made by `panel`, got {content!r}")
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.9 if len(panels) == 1 else 4.1 * len(panels), 3.3), layout="constrained")
        room = zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True)
        drawn = [(axes, _draw(axes, content)) for axes, content in room]
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # the axes stay where they are now
        for axes, labels in drawn:
            if not label_lines(axes, labels):
                axes.legend(labels.keys(), labels.values())
        return Picture(_svg(figure), " ".join(_describe(content) for content in panels))


def images(rows, captions=None, *, largest=None):
    """A picture of small images, one row for each label of ``rows``, which maps it to an array (n, height, width).

    Zero has the colour of the page; positive values are ink and negative ones orange, in 16 shades up to ``largest``:
    a number, or, unless given, the largest modulus in the row. Values beyond it have the last shade. ``captions``, one
    for each column, stand above them. Raises TypeError or ValueError for other kinds and shapes, for no row, and for
    values that are not finite or beyond 1e100.

    Examples
    --------
    >>> picture = images({"corner": [[[0.0, 0.0], [0.0, 1.0]]]}, captions=["first"])
    >>> print(picture.alt)
    corner: 1 image of 2 × 2 pixels, values from 0 to 1. Columns: first.
    """
    rows = {label: _stack(label, data) for label, data in _labelled("rows", rows)}
    if not rows:
        raise ValueError("rows must be at least one, got none")
    columns = max(map(len, rows.values()))
    captions = _captions(captions, columns)
    if largest is not None and (largest := _number("largest", largest)) <= 0:
        raise ValueError(f"largest must be positive, got {largest}")
    with matplotlib.rc_context(STYLE):
        # All lengths are in points. Six columns fit a figure of one panel, more get the width of two.
        width, gap, head = 352.8 if columns <= 6 else 590.4, 6, 20 if captions else 0
        # A text of blanks has no path.
        left = 18 + max(
            (TextPath((0, 0), _plain(label), size=11).get_extents().width for label in rows if label.strip()), default=0
        )
        side = min(54, (width - left) / columns - gap)
        height = head + len(rows) * (side + gap) + gap
        figure, pixels = Figure(figsize=(width / 72, height / 72)), []
        for j, caption in enumerate(captions):
            x = left + j * (side + gap) + side / 2
            figure.text(x / width, 1 - head / 2 / height, _plain(caption), ha="center", va="center")
        for i, (label, stack) in enumerate(rows.items()):
            y = head + gap + i * (side + gap)
            figure.text(6 / width, 1 - (y + side / 2) / height, _plain(label), va="center")
            shades = _shades(stack, largest)
            pixels += [_pixels(shade, left + j * (side + gap), y, side) for j, shade in enumerate(shades)]
        svg = _svg(figure).replace("</svg>", "".join(pixels) + "</svg>")
    above = [f"Columns: {', '.join(captions)}."] if captions else []
    return Picture(svg, " ".join([_describe_images(*row) for row in rows.items()] + above))


class Picture:
    """An SVG image with its alternative text, as a notebook shows it."""

    def __init__(self, svg, alt):
        self.svg, self.alt = svg, alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/svg+xml": self.svg, "text/plain": self.alt}


def _svg(figure):
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue().replace(INK, "currentColor")
    drawn = [(light, dark) for light, dark in DARK.items() if light in svg]
    curves = "".join(
        REPAINT.format(part=it, light=light, dark=dark) for light, dark in drawn for it in ("fill", "stroke")
    )
    scheme = SCHEME.format(curves=curves)
    svg = re.sub(r"<svg [^>]*>", lambda tag: tag[0].replace("<svg ", '<svg class="figure" ') + scheme, svg, count=1)
    return svg[svg.index("<svg") :]


def _text(name, value):
    """``value``, with a sign in the place of each character that XML does not allow."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text, got {value!r}")
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value)


def _plain(text):
    """For Matplotlib, to which a dollar would begin a formula."""
    return text.replace("$", r"\$")


def _labelled(name, data):
    if not isinstance(data, Mapping | None):
        raise TypeError(f"{name} must be a dict, from labels, got {data!r}")
    return [(_text(f"{name}: a label", label), value) for label, value in (data or {}).items()]


def _numbers(name, data):
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError(f"{name} must be an array, got {data!r}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers, got dtype {array.dtype}")
    array = array.astype(float)
    if (np.abs(array[np.isfinite(array)]) > 1e100).any():
        raise ValueError(f"{name} must be at most 1e100, got {array}")
    return array


def _number(name, value):
    value = _numbers(name, value)
    if not (value.ndim == 0 and np.isfinite(value)):
        raise ValueError(f"{name} must be a finite number, got {value}")
    return float(value)


def _points(label, data, log):
    name = f"curve {label!r}"
    *x, y = (_numbers(name, values) for values in (data if isinstance(data, tuple) and len(data) == 2 else (data,)))
    x = x[0] if x else np.arange(y.size, dtype=float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"{name} must be y or (x, y), 1-D and of equal length, got {x.shape} and {y.shape}")
    if not np.isfinite(y).any():
        raise ValueError(f"{name} must have a finite value, got {y}")
    if not np.isfinite(x).all():
        raise ValueError(f"{name} must have finite x, got {x}")
    return x, np.where(np.isfinite(y) & (x > 0 if "x" in log else True), y, np.nan)


def _draw(axes, content):
    """Draw ``content``, and return what is to be labelled: lines, with their labels."""
    styles, labels = _styles(content.curves), {}
    for i, (label, (x, y)) in enumerate(content.curves.items()):
        color, marker = styles[label]
        every = (i / len(styles) / 9, 1 / 9)  # in parts of the axes: markers of different curves never coincide
        data = _rounded(x, "x" in content.log), _rounded(_visible(y, content), "y" in content.log)
        labels[axes.plot(*data, color=color, marker=marker, markevery=every)[0]] = label
    paired = None
    for label, (x, y) in content.bounds.items():
        color = styles[label][0] if label in styles else INK
        data = _rounded(x, "x" in content.log), _rounded(_visible(y, content), "y" in content.log)
        (line,) = axes.plot(*data, color=color, dashes=(4, 2), linewidth=1.3)
        if label not in styles:
            labels[line] = label
        elif not paired:
            paired = line
            labels[line] = "bound"
    for label, x in content.marks.items():
        labels[axes.axvline(*_rounded([x], "x" in content.log), color=RULE, linestyle=":", linewidth=1.3)] = label
    axes.set(title=_plain(content.title), xlabel=_plain(content.xlabel), ylabel=_plain(content.ylabel))
    axes.set_xscale("log" if "x" in content.log else "linear")
    axes.set_yscale("log" if "y" in content.log else "linear")
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() == "log":
            _number_ticks(axis)
    axes.grid(color=RULE, alpha=0.25, linewidth=0.6)
    if content.ylabel.endswith("/ start") and axes.get_ylim()[1] > 1.5:  # worse than not having started
        top = axes.get_ylim()[1]
        axes.axhspan(1, top, color=NEGATIVE, alpha=0.07, linewidth=0)
        axes.set_ylim(top=top)
    return {line: _plain(label) for line, label in labels.items()} if len(labels) > 1 else {}


def _number_ticks(axis):
    """On less than two decades of a logarithmic axis, plain numbers, also between the powers of ten."""
    low, high = axis.get_view_interval()
    if high < 60 * low and low > 1e-3 and high < 1e4:
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        between = "2357" if high < 8 * low else "25"
        axis.set_minor_formatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in between else "")
    else:
        axis.set_minor_formatter("")


def _styles(labels):
    """From labels to colours and markers: what is NAMED has its colour, all else the next one that is free."""
    chosen = {}
    for label in labels:
        named = next((COLORS[i] for name, i in NAMED.items() if name in label), None)
        if named not in chosen.values():
            chosen[label] = named
    chosen = {label: color for label, color in chosen.items() if color}
    free = [color for color in COLORS if color not in chosen.values()] + COLORS
    others = [label for label in labels if label not in chosen]
    chosen |= dict(zip(others, itertools.cycle(free)))
    return {label: (chosen[label], MARKERS[i % len(MARKERS)]) for i, label in enumerate(labels)}


def _visible(y, content):
    """y without what is below the floor; on a linear axis, a billionth of the largest value is zero."""
    if "y" not in content.log:
        y = np.where(np.abs(y) < 1e-9 * np.nanmax(np.abs(y), initial=0), 0, y)
        return y if content.floor is None else np.where(y >= content.floor, y, np.nan)
    return np.where((y >= content.floor) & (y > 0), y, np.nan)


def _rounded(values, log):
    """To four digits, which is more than a picture shows and less than processors differ by.

    On a logarithmic axis these are digits of each value, on a linear one of the largest.
    """
    if log:
        return np.array([float(f"{value:.4g}") for value in values])
    largest = np.nanmax(np.abs(values), initial=0)
    return np.round(values, 3 - int(np.floor(np.log10(largest)))) if largest else values


def _describe(content):
    scales = {"": "", "y": " (log scale)", "x": "", "xy": " (log scale)"}[content.log]
    across = " (log scale)" if "x" in content.log else ""
    lines = [f"{content.title}: {content.ylabel}{scales} against {content.xlabel}{across}."]
    dashed = {f"{label} (bound, dashed)": curve for label, curve in content.bounds.items()}
    for label, (x, y) in [*content.curves.items(), *dashed.items()]:
        lines.append(_describe_curve(label, x, _visible(y, content)))
    lines += [f"Vertical line, {label}: {x:.4g}." for label, x in content.marks.items()]
    return " ".join(lines)


def _describe_curve(label, x, y):
    """Start, interior peak or trough, and end: what the curve does, to three digits."""
    known = np.flatnonzero(np.isfinite(y))
    first, last = known[0], known[-1]
    places = [(first, "")]
    for kind, values in [("peak ", y), ("trough ", -y)]:
        # Values that differ by a billionth may be equal, and then the first of them counts.
        top = np.nanmax(values) - 1e-9 * np.nanmax(np.abs(values))
        if top > max(values[first], values[last]):
            places.append((known[np.argmax(values[known] >= top)], kind))
    places.append((last, ""))
    return f"{label}: " + ", ".join(f"{kind}{y[i]:.3g} at {x[i]:.4g}" for i, kind in sorted(places)) + "."


def _stack(label, data):
    stack = _numbers(f"row {label!r}", data)
    if stack.ndim != 3 or 0 in stack.shape:
        raise ValueError(f"row {label!r} must have the shape (n, height, width), none of them 0, got {stack.shape}")
    if not np.isfinite(stack).all():
        raise ValueError(f"row {label!r} must have finite values, got {stack}")
    return stack


def _captions(captions, columns):
    if captions is None:
        return []
    if not isinstance(captions, Sequence) or isinstance(captions, str):
        raise TypeError(f"captions must be a list, got {captions!r}")
    if len(captions) != columns:
        raise ValueError(f"captions must be as many as the columns, {columns}, got {len(captions)}")
    return [_text("captions: one of them", str(caption)) for caption in captions]


def _shades(stack, largest):
    """Whole numbers from -16 to 16, zero for zero."""
    largest = largest or np.abs(stack).max() or 1
    size = np.minimum(np.abs(stack), largest) / largest
    # A value that is halfway between two shades but for rounding always has the lower one.
    return (np.sign(stack) * np.rint(SHADES * size - 1e-6)).astype(int)


def _pixels(shades, x, y, side):
    """The image as SVG: one path for each shade, of unit squares, in a frame."""
    height, width = shades.shape
    drawn = [f'<rect width="{width}" height="{height}" fill="none" stroke="{RULE}" stroke-width="{width / 80:.3g}"/>']
    for shade in np.unique(shades[shades != 0]):
        squares = "".join(f"M{j} {i}h1v1h-1z" for i, j in np.argwhere(shades == shade))
        color = "currentColor" if shade > 0 else NEGATIVE
        drawn.append(f'<path fill="{color}" fill-opacity="{abs(shade) / SHADES:g}" d="{squares}"/>')
    place = f"translate({x:.2f} {y:.2f}) scale({side / max(height, width):.4f})"
    return f'<g transform="{place}" shape-rendering="crispEdges">{"".join(drawn)}</g>\n'


def _describe_images(label, stack):
    count, height, width = stack.shape
    noise = 1e-9 * np.abs(stack).max()
    least, most = (f"{0 if abs(end) <= noise else end:.2g}" for end in (stack.min(), stack.max()))
    orange = " (orange)" if least.startswith("-") else ""
    images = "1 image" if count == 1 else f"{count} images"
    return f"{label}: {images} of {height} × {width} pixels, values from {least}{orange} to {most}."
