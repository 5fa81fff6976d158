"""The book's drawings: what a computation does, where a curve could not show it."""

import re
from importlib.resources import files

from unrolling.book.figures import Picture

FOLDER = files("unrolling.book") / "diagrams"


def diagram(name):
    """A drawing of the book, as a picture.

    Parameters
    ----------
    name
        ``"loops"``: the outer and the inner loop; ``"streams"``: an unrolled solver; ``"modes"``: forward and reverse
        mode; ``"checkpoints"``: reverse mode with less memory.

    Raises
    ------
    ValueError
        For another name.

    Examples
    --------
    >>> print(diagram("modes").alt[:40])
    Forward mode: the Jacobian goes along wi
    """
    names = sorted(it.name.removesuffix(".svg") for it in FOLDER.iterdir())
    if name not in names:
        raise ValueError(f"name must be one of {', '.join(names)}, got {name!r}")
    svg = (FOLDER / f"{name}.svg").read_text("utf-8")
    return Picture(svg, re.search("<desc>(.*)</desc>", svg)[1])
