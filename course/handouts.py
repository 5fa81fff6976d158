"""Student and instructor notebooks of a chapter: python course/handouts.py FOLDER

The chapter is the only source. What stands between solution-start and solution-end is the solution; of a function in
it a student gets the signature and the docstring. Tests whose names begin with ``test_shown`` stand below it.
"""

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from plain import Directive, blocks  # noqa: E402


@dataclass
class Piece:
    """A stretch of Markdown, a directive, or a cell of code, and the exercise whose solution it belongs to, if any."""

    cell: dict
    content: str | Directive
    solution: str | None = None


def pieces(notebook):
    """The notebook in order, cut where directives begin and end."""
    solution = None
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            yield Piece(cell, source, solution)
            continue
        for block in blocks(source):
            kind = getattr(block, "kind", "")
            if kind == "solution-start":
                solution = block.title
            elif kind == "solution-end":
                solution = None
            elif kind == "solution":
                yield Piece(cell, block.body, block.title)
            else:
                yield Piece(cell, block, solution)


def code(notebook, blank=()):
    """Numbered cells of code; of the functions that ``blank`` names, the solution is left out, as a student begins."""
    cells = [it for it in pieces(notebook) if it.cell["cell_type"] == "code"]
    for number, piece in enumerate(cells, 1):
        yield number, stub(piece.content, blank) if blank and piece.solution else piece.content


def stub(source, names):
    """Of the functions that ``names`` has, the signature and the docstring."""
    stubs, lines = [], source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            body = node.body[1:] if ast.get_docstring(node) else node.body
            head = lines[node.lineno - 1 : body[0].lineno - 1 if body else node.end_lineno]
            while not head[-1].strip() or head[-1].strip().startswith("#"):
                head.pop()
            stubs.append("\n".join([*head, "    raise NotImplementedError  # your code here"]))
    return "\n\n\n".join(stubs)
