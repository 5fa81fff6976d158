"""The book's pictures: curves, drawn as SVG, each with an alternative text made from its data.

>>> picture = plot(panel("Halving", {"x": [4.0, 2.0, 1.0]}, ylabel="error"))
>>> print(picture.alt)
Halving: error (log scale) against iteration t. x: 4 at 0, 1 at 2.
"""

import io
import re
from typing import NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure

COLORS = ["#0072b2", "#d55e00", "#009e73", "#b8629a", "#b07d00", "#3a9bd1", "#8a5a44"]  # after Okabe & Ito
MARKERS = "os^Dv<>"
INK, RULE = "#222222", "#999999"

STYLE = {
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.facecolor": "none",
    "font.size": 11,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "svg.hashsalt": "unrolling",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}

# An SVG keeps to the colour scheme of the page that shows it.
SCHEME = (
    "<style>.figure{color:#222222;background:#ffffff}"
    "@media (prefers-color-scheme:dark){.figure{color:#e6e6e6;background:#1b2027}}</style>"
)


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
    rounding noise and are not drawn. ``marks`` maps a label to an x, shown as a vertical line. Raises ValueError for
    other shapes.
    """
    curves = {label: _points(label, data) for label, data in curves.items()}
    bounds = {label: _points(label, data) for label, data in (bounds or {}).items()}
    if floor is None and "y" in log:
        floor = 1e-10 * max((np.nanmax(y) for _, y in [*curves.values(), *bounds.values()]), default=0)
    return Panel(title, curves, bounds, ylabel, xlabel, log, floor, marks or {})


def plot(*panels):
    """A `Picture` of one `panel`, or of several side by side."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.9 if len(panels) == 1 else 4.1 * len(panels), 3.3), layout="constrained")
        for axes, content in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _draw(axes, content)
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue().replace(INK, "currentColor")
    svg = re.sub(r"<svg [^>]*>", lambda tag: tag[0].replace("<svg ", '<svg class="figure" ') + SCHEME, svg, count=1)
    return Picture(svg[svg.index("<svg") :], " ".join(_describe(content) for content in panels))


class Picture:
    """An SVG image with its alternative text, as a notebook shows it."""

    def __init__(self, svg, alt):
        self.svg, self.alt = svg, alt

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/svg+xml": self.svg, "text/plain": self.alt}


def _points(label, data):
    x, y = data if isinstance(data, tuple) else (np.arange(len(data)), data)
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"curve {label!r} must be y or (x, y), 1-D and of equal length, got {x.shape} and {y.shape}")
    return x, y


def _draw(axes, content):
    styles = {label: (COLORS[i % 7], MARKERS[i % 7]) for i, label in enumerate(content.curves)}
    for i, (label, (x, y)) in enumerate(content.curves.items()):
        color, marker = styles[label]
        every = (i / len(styles) / 9, 1 / 9)  # in parts of the axes: markers of different curves never coincide
        axes.plot(x, _rounded(_visible(y, content)), color=color, marker=marker, markevery=every, label=label)
    for label, (x, y) in content.bounds.items():
        color = styles[label][0] if label in styles else INK
        name = "_" if label in styles else label
        axes.plot(x, _rounded(_visible(y, content)), color=color, dashes=(4, 2), linewidth=1.3, label=name)
    if content.bounds.keys() & styles.keys():
        axes.plot([], [], color=RULE, dashes=(4, 2), linewidth=1.3, label="bound")
    for label, x in content.marks.items():
        axes.axvline(x, color=RULE, linestyle=":", linewidth=1.3, label=label)
    axes.set(title=content.title, xlabel=content.xlabel, ylabel=content.ylabel)
    axes.set_xscale("log" if "x" in content.log else "linear")
    axes.set_yscale("log" if "y" in content.log else "linear")
    axes.grid(color=RULE, alpha=0.25, linewidth=0.6)
    if len(content.curves) + len(content.bounds) + len(content.marks) > 1:
        axes.legend()


def _visible(y, content):
    """y without what is below the floor; on a linear axis, a billionth of the largest value is zero."""
    if "y" not in content.log:
        y = np.where(np.abs(y) < 1e-9 * np.nanmax(np.abs(y), initial=0), 0, y)
    return y if content.floor is None else np.where(y >= content.floor, y, np.nan)


def _rounded(y):
    """y to five digits, which is more than a picture shows and less than processors differ by."""
    return np.array([float(f"{value:.5g}") for value in y])


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
    if known.size == 0:
        return f"{label}: no values."
    first, last = known[0], known[-1]
    places = [(first, "")]
    for kind, values in [("peak ", y), ("trough ", -y)]:
        # Values that differ by a billionth may be equal, and then the first of them counts.
        top = np.nanmax(values) - 1e-9 * np.nanmax(np.abs(values))
        if top > max(values[first], values[last]):
            places.append((known[np.argmax(values[known] >= top)], kind))
    places.append((last, ""))
    return f"{label}: " + ", ".join(f"{kind}{y[i]:.3g} at {x[i]:.4g}" for i, kind in sorted(places)) + "."
