"""The book's drawings: what a computation does, where a curve could not show it."""

import re
from html import escape
from importlib.resources import files
from itertools import pairwise

from unrolling.book.figures import Picture

FOLDER = files("unrolling.book") / "diagrams"
STYLE = """
    .diagram { color: #222; background: #fff; --p: #0b66a3; --d: #b54a00; --third: #00795a; --soft: #eef1f4; font: 13px system-ui, sans-serif; }
    @media (prefers-color-scheme: dark) { .diagram { color: #e6e6e6; background: #1b2027; --p: #7cc0f0; --d: #f0a875; --third: #5fd0ab; --soft: #2b333d; } }
    .diagram text { fill: currentcolor; }
    .diagram .middle { text-anchor: middle; }
    .diagram .head { font-weight: 650; }
    .diagram .p { --hue: var(--p); }
    .diagram .d { --hue: var(--d); }
    .diagram .third { --hue: var(--third); }
    .diagram text:is(.p, .d, .third) { fill: var(--hue); }
    .diagram .box { fill: var(--soft); stroke: var(--hue, currentcolor); }
    .diagram .line { fill: none; stroke: var(--hue, currentcolor); stroke-width: 1.5; marker-end: url(#k); }
    .diagram .line.p { marker-end: url(#p); }
    .diagram .line.d { marker-end: url(#d); }
    .diagram .dashed { stroke-dasharray: 4 3; }
"""  # noqa: E501
TIP = (
    '<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path fill="{fill}" d="M0 0 8 4 0 8z" /></marker>'
)

# The five applications: what the outer loop moves, the inner variable, the inner objective, the outer loss, and the
# derivative in between, in two lines.
APPLICATIONS = {
    "hyperparameters": (
        "the logarithm of the ridge weight",
        "the weights of the regression",
        "loss on the training part + ridge penalty",
        "loss of x_T on the validation part",
        ("the trained weights,", "by the ridge weight"),
    ),
    "dataset-distillation": (
        "ten images, one for each digit",
        "the weights of a classifier",
        "its loss on the ten images + penalty",
        "loss of x_T on all the real images",
        ("the trained weights,", "by the pixels of ten images"),
    ),
    "meta-learning": (
        "where every task starts: x_0 = θ",
        "a network’s weights, for one task",
        "its loss on the ten points to adapt to",
        "loss of x_T on the task’s other ten points",
        ("the adapted weights,", "by their start"),
    ),
    "data-augmentation": (
        "how far to turn, to shift, to scale, …",
        "the weights of a classifier",
        "its loss on the moved copies + penalty",
        "loss of x_T on validation digits",
        ("the trained weights,", "by the ranges of the moves"),
    ),
    "optimization-layers": (
        "the scores of the images, from a network",
        "what decides which image goes where",
        "entropic transport, its dual",
        "how far the table of x_T is from the order",
        ("the layer’s solution,", "by the scores"),
    ),
}
# The lines of the first table of "How to choose", in its order: name, question, answer; a question alone is a heading.
DECISIONS = [
    ("A", "trained by a stochastic|solver, not to the end", "unroll the last|steps only"),
    ("B", "constraints hold|the solution", "find the active ones,|one linear system"),
    ("C", "a fixed point that|minimizes nothing", "one solve with I − Jᵀ,|direct or by GMRES"),
    ("1", "x_T itself is used, after|few steps, fixed in number", "unroll all T steps"),
    ("2", "f is not smooth|at the solution", "implicit, on the|proximal step"),
    ("3", "f has several solutions", "unroll, start fixed;|or add a small ridge"),
    ("D", "the solver computes|its own steps", "implicit at its|last iterate"),
    ("4", "the solver is|Newton’s method", "the last step alone"),
    ("5", "H is positive definite,|the solver has converged", "implicit at x_T"),
    ("5", "H is positive definite,|and it has not converged", "one Newton step,|then implicit"),
    "You must unroll",
    ("6", "a solution nearby|is known", "warm start, then|a fast method"),
    ("7", "T is below about 4/√κ", "Nesterov, if κ is|above about 10⁻³"),
    ("8", "T is larger", "one step 1/L, then|Chebyshev; or Sobolev"),
    ("8", "f is no quadratic, steps|are long, made for H at x⋆", "one step 1/L last"),
]


def diagram(name):
    """A drawing of the book, as a picture.

    Parameters
    ----------
    name
        ``"loops"``: the outer and the inner loop; ``"streams"``: an unrolled solver; ``"modes"``: forward and reverse
        mode; ``"checkpoints"``: reverse mode with less memory; ``"map"``: the chapters, and what leads to what;
        ``"decisions"``: which derivative to take; ``"hyperparameters"``, ``"dataset-distillation"``,
        ``"meta-learning"``, ``"data-augmentation"`` or ``"optimization-layers"``: the two loops of an application.

    Raises
    ------
    ValueError
        For another name.

    Examples
    --------
    >>> print(diagram("modes").alt[:40])
    Forward mode: the Jacobian goes along wi
    """
    drawn = {"map": _map, "decisions": _decisions} | {it: lambda it=it: _application(it) for it in APPLICATIONS}
    if name in drawn:
        return drawn[name]()
    names = sorted(it.name.removesuffix(".svg") for it in FOLDER.iterdir())
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(sorted([*names, *drawn]))}, got {name!r}")
    svg = (FOLDER / f"{name}.svg").read_text("utf-8")
    return Picture(svg, re.search("<desc>(.*)</desc>", svg)[1])


def _picture(width, height, parts, alt):
    tips = "".join(
        TIP.format(name=name, fill=fill)
        for name, fill in {"p": "var(--p)", "d": "var(--d)", "k": "currentcolor"}.items()
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}">\n  <desc>{escape(alt, quote=False)}</desc>\n  <style>{STYLE}  </style>\n'
        f"  <defs>{tips}</defs>\n  " + "\n  ".join(parts) + "\n</svg>\n"
    )
    return Picture(svg, alt)


def _text(x, y, text, kind=""):
    """``text``, with what follows an underscore below the line."""
    lower = re.sub(r"_(\w)", r'<tspan dy="4" font-size="10">\1</tspan><tspan dy="-4">&#8203;</tspan>', text)
    return f'<text x="{x}" y="{y:g}" class="{kind}">{lower}</text>'


def _box(x, y, width, height, kind=""):
    return f'<rect class="{f"box {kind}".strip()}" x="{x}" y="{y:g}" width="{width}" height="{height}" rx="5" />'


def _line(path, kind=""):
    return f'<path class="{f"line {kind}".strip()}" d="M{path}" />'


def _application(name):
    outer, variable, objective, loss, (what, by) = APPLICATIONS[name]
    parts = [
        _box(6, 6, 408, 52),
        _text(16, 27, "Outer variable θ, moved by the outer loop", "head"),
        _text(16, 47, outer),
        _line("60 58V104", "p"),
        _text(70, 86, "θ", "p"),
        _line("160 106V60", "d"),
        _text(172, 78, f"differentiated: {what}", "d"),
        _text(172, 95, by, "d"),
        _box(6, 106, 408, 72),
        _text(16, 127, "Inner variable x, found by the inner solver", "head"),
        _text(16, 147, f"x: {variable}"),
        _text(16, 167, f"f(x, θ): {objective}"),
        _line("60 178V214", "p"),
        _text(70, 201, "x_T", "p"),
        _line("160 216V180", "d"),
        _text(172, 202, "∇φ(x_T)", "d"),
        _box(6, 216, 408, 52),
        _text(16, 237, "Outer loss φ(x)", "head"),
        _text(16, 257, loss),
    ]
    alt = (
        f"Two loops. Outer variable θ: {outer}. It goes into the inner solver, which finds x: {variable}. The inner "
        f"objective f: {objective}. The result x_T goes into the outer loss φ: {loss}. Back goes the gradient of φ, "
        f"through the derivative of {what.rstrip(',')} {by}, to θ, which the outer loop then moves."
    )
    return _picture(420, 274, parts, alt)


def _decisions():
    parts = [_text(6, 16, "The first that fits. Yes: to the right. No: downwards.")]
    lines, y = [], 28
    for i, line in enumerate(DECISIONS):
        if isinstance(line, str):
            parts += [_text(6, y + 15, line, "head d"), _line(f"113 {y + 20}V{y + 28}")]
            lines.append(f"{line}:")
            y += 30
            continue
        name, question, answer = line
        parts += [_box(6, y, 214, 38), _text(22, y + 24, name, "head middle p"), _box(254, y, 182, 38, "p")]
        for x, text in ((38, question), (264, answer)):
            rows = text.split("|")
            parts += [_text(x, y + (24 if len(rows) == 1 else 16 + 16 * j), row) for j, row in enumerate(rows)]
        parts.append(_line(f"220 {y + 19}H252", "p"))
        if i + 1 < len(DECISIONS):
            parts.append(_line(f"113 {y + 38}V{y + (44 if isinstance(DECISIONS[i + 1], str) else 48)}"))
        y += 50
        lines.append(f"{name}, {question}: {answer}.".replace("|", " "))
    alt = f"Questions in a column; the first that fits has its answer at its right. {' '.join(lines)}"
    return _picture(442, y - 6, parts, alt)


# The map. Chapters of the left column: number, title, row, hue.
SPINE = [
    ("1", "Implicit functions", 0, ""),
    ("2", "Implicit differentiation", 1, ""),
    ("3", "Unrolled differentiation", 2, ""),
    ("4", "Polynomial formalism", 3, "p"),
    ("5", "The Jacobian error", 4.5, "p"),
    ("6", "Gradient descent", 6, "p"),
    ("7", "The curse of unrolling", 7.5, "p"),
    ("8", "The Chebyshev method", 11, "p"),
]
BRANCHES = [  # of the right column, and the chapter that leads there; of the same column, it is above
    ("18", "Is my hypergradient right?", 1, "third", "2"),
    ("13", "What it costs", 2, "d", "3"),
    ("15", "Solvers that adapt", 4, "third", "5"),
    ("21", "Fixed points", 5, "third", "5"),
    ("9", "One short step", 6, "d", "7"),
    ("12", "Beyond quadratics", 7, "d", "7"),
    ("20", "Layers with constraints", 8, "third", "12"),
    ("22–26", "Applications", 9, "third", "7"),
    ("17", "One loop instead of two", 10, "third", "22–26"),
    ("10", "Sobolev", 11, "d", "8"),
    ("11", "Late start, warm start", 12, "d", "8"),
    ("16", "A network", 13, "third", "11"),
]
LOOKED_UP = [("14", "How to choose", 20, 182, "d"), ("19", "Symptoms", 230, 206, "third")]


def _map():
    top, pitch, high, last = 44, 33, 25, 14.9

    def middle(row):
        return top + pitch * row + high / 2

    def chapter(number, title, left, width, row, hue):
        box = _box(left, top + pitch * row, width, high, hue)
        return [box, _text(left + 8, middle(row) + 4.5, f"{number}  {title}")]

    parts = [
        _text(20, 17, "Foundations", "head"),
        _text(20, 35, "Theory", "head p"),
        _text(230, 17, "Remedies", "head d"),
        _text(230, 35, "Practice and applications", "head third"),
        _line(f"20 {middle(1):g}H8V{middle(4.5):g}H18"),
        _text(20, middle(last) - high / 2 - 9, "To look things up, without theory", "head"),
    ]
    rows = {number: row for number, _, row, _ in SPINE}
    for number, title, row, hue in SPINE:
        parts += chapter(number, title, 20, 182, row, hue)
    for here, below in pairwise(rows):
        down = f"111 {middle(rows[here]) + high / 2:g}V{middle(rows[below]) - high / 2 - 2:g}"
        parts.append(_line(down, "dashed" if here == "3" else ""))
    ends = {number: row for number, _, row, _, _ in BRANCHES}
    for number, title, row, hue, before in BRANCHES:
        left = 248 if before in ends else 230
        parts += chapter(number, title, left, 436 - left, row, hue)
        if before in ends:
            way = f"238 {middle(ends[before]) + high / 2:g}V{middle(row):g}H246"
        else:
            way = f"202 {middle(rows[before]):g}H212V{middle(row):g}H228"
        parts.append(_line(way))
    for number, title, left, width, hue in LOOKED_UP:
        parts += chapter(number, title, left, width, last, hue)
    alt = (
        f"What leads to what. One after the other: {', '.join(f'{number} {title}' for number, title, *_ in SPINE)}; "
        "3 is only the motive of 4, and 5 needs 2. "
        + " ".join(f"From {before} to {number} {title}." for number, title, _, _, before in BRANCHES)
        + f" Without theory: {', '.join(f'{number} {title}' for number, title, *_ in LOOKED_UP)}."
    )
    return _picture(442, round(middle(last) + high / 2 + 6), parts, alt)
