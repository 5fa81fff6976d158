"""Tables of what a cell has computed."""

import re


class Table:
    """A table as a notebook shows it: in Markdown, and the same as text."""

    def __init__(self, head, rows):
        self.rows = [list(map(str, row)) for row in [head, *rows]]
        if {len(row) for row in self.rows} != {len(head)}:
            raise ValueError(
                f"rows must be as long as the head, {len(head)}, got {[len(row) for row in self.rows[1:]]}"
            )

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in self.rows]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None):
        head, *rows = (f"| {' | '.join(map(_plain, row))} |" for row in self.rows)
        rule = "|" + "---|" * len(self.rows[0])
        return {"text/markdown": "\n".join([head, rule, *rows]), "text/plain": repr(self)}


def table(head, rows):
    """A table for a page: rows of texts or numbers under a head.

    Raises
    ------
    ValueError
        Where a row is longer or shorter than the head.

    Examples
    --------
    >>> table(["method", "peak"], [["gradient descent", 36.8], ["Chebyshev", 53.1]])
    method            peak
    gradient descent  36.8
    Chebyshev         53.1
    """
    return Table(head, rows)


def _plain(text):
    """``text`` with nothing in it that Markdown would take for a sign."""
    return re.sub(r"([\\`*_|<>\[\]$])", r"\\\1", text)
