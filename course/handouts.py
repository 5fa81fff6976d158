"""Student and instructor notebooks of the chapters and problem sets: python course/handouts.py LABELS FOLDER

A chapter is the only source. What stands between solution-start and solution-end is the solution; a student gets a
place for the answer instead. Where course/tests has tests for it, that place holds the signatures and docstrings of the
functions that they take, and the tests whose names begin with ``test_shown``. A problem set may say
``seed = 0  # COURSE_SEED``, and gets the number that the environment gives by that name. LABELS is what the site's
build writes beside the site (site/ext/book_plain.py).
"""

import ast
import copy
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

COURSE = Path(__file__).parent
ROOT = COURSE.parent
sys.path.insert(0, str(ROOT / "tools"))

from launch import first_cell  # noqa: E402
from notebooks import notebooks  # noqa: E402
from plain import Directive, Plain, blocks, text_cell  # noqa: E402

SEED = os.environ.get("COURSE_SEED", "0")
TO_STUDENTS = """\
**For you to work in.** Where it says `raise NotImplementedError`, write the function; the cell below it tries a part of
what will be asked of it. Functions are graded by their names, with other numbers, so keep name and arguments; whatever
they need, give it to them as arguments, imports or functions. The other answers, and your reasons, are read. Cells may
be added, moved and run in any order. Figures that can be moved are live on the book's page, and still here."""


@dataclass
class Piece:
    """A stretch of Markdown, a directive, or a cell of code.

    ``solution`` is the exercise whose solution it belongs to, ``exercise`` the one whose statement ends with it.
    """

    cell: dict
    content: str | Directive
    solution: str | None = None
    exercise: str | None = None

    @property
    def is_code(self):
        return self.cell["cell_type"] == "code"


def pieces(notebook):
    """The notebook in order, cut where directives begin and end."""
    solution = stated = None
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
            elif kind == "exercise-start":
                stated = block.label
                yield Piece(cell, block)
            elif kind == "exercise-end":
                yield Piece(cell, "", exercise=stated)
            else:
                yield Piece(cell, block, solution, block.label if kind == "exercise" else None)


def code(notebook, blank=()):
    """Numbered cells of code; of the functions that ``blank`` names, the solution is left out, as a student begins."""
    for number, piece in enumerate((it for it in pieces(notebook) if it.is_code), 1):
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


@dataclass
class Test:
    """A test as text: which exercise it belongs to, what it takes, and its body."""

    name: str
    label: str
    takes: list
    body: str
    helpers: str = ""  # functions of the file that it uses

    @property
    def shown(self):
        """What a student sees of it, if anything."""
        told = f"{self.helpers}# {self.name[11:].replace('_', ' ')}\n{self.body}"
        return told if self.name.startswith("test_shown_") else ""


def read_tests(path):
    """The tests in a file of course/tests; none if there is no such file."""
    if not path.exists():
        return []
    source, found = path.read_text("utf-8"), []
    functions = {it.name: it for it in ast.parse(source).body if isinstance(it, ast.FunctionDef)}
    for node in functions.values():
        marks = {
            ast.unparse(it.func): it.args for it in getattr(node, "decorator_list", []) if isinstance(it, ast.Call)
        }
        if "task" in marks:
            cases = marks.get("pytest.mark.parametrize", [ast.Constant("")])[0]
            filled = re.findall(r"\w+", ast.unparse(cases))
            takes = [it.arg for it in node.args.args if it.arg not in filled]
            body = source.splitlines()[node.body[0].lineno - 1 : node.end_lineno]
            used = {it.id for it in ast.walk(node) if isinstance(it, ast.Name)} & functions.keys()
            helpers = "".join(f"{ast.get_source_segment(source, functions[it])}\n\n\n" for it in sorted(used))
            label, body = ast.literal_eval(marks["task"][0]), "\n".join(it[4:] for it in body)
            found.append(Test(node.name, label, takes, body, helpers))
    return found


class Handout:
    """A chapter or a problem set, and the two notebooks that are made of it."""

    seed = SEED

    def __init__(self, path, labels=None):
        self.path, self.name = path, path.stem
        self.page = path.relative_to(ROOT).with_suffix("").as_posix() if path.is_relative_to(ROOT) else path.stem
        self.notebook = json.loads(path.read_text("utf-8"))
        self.pieces = [self.seeded(it) for it in pieces(self.notebook)]
        self.exercises = [it.exercise for it in self.pieces if it.exercise]
        self.tests_file = COURSE / "tests" / f"test_{self.name.replace('-', '_')}.py"
        self.tests = read_tests(self.tests_file)
        self.plain = Plain(labels)
        if self.folder == "handout":
            self.plain.labels |= {it: {"number": f"Problem {n}"} for n, it in enumerate(self.exercises, 1)}

    @property
    def title(self):
        """Number and title of a chapter; the number is that of what it numbers."""
        numbers = [
            it["number"] for it in self.plain.labels.values() if it.get("page", "").startswith(f"{self.page}.html")
        ]
        number = next((found[1] for it in numbers if (found := re.search(r" (\d+)\.", it))), "")
        return number, self.plain.pages.get(self.page, {}).get("title", self.name)

    @property
    def folder(self):
        """Where students' notebooks stand: chapters are for all, graded work is given out when it is due."""
        return "student" if self.path.is_relative_to(ROOT / "chapters") else "handout"

    def seeded(self, piece):
        if piece.is_code:
            piece.content = re.sub(
                r"^seed = \d+(?=  # COURSE_SEED$)", f"seed = {SEED}", piece.content, flags=re.MULTILINE
            )
        return piece

    def student(self):
        """The text and code without outputs; for each exercise, places for the answer."""
        cells = [text_cell(TO_STUDENTS, "to-students")]
        if repository := os.environ.get("BOOK_REPOSITORY"):
            cells.append(first_cell(repository, os.environ.get("BOOK_REVISION", "main")))
        for piece in self.pieces:
            if piece.solution:
                continue
            cells += self.written(piece)
            if piece.exercise:
                cells += self.places(piece.exercise)
        for cell in cells:
            cell["metadata"].pop("mystnb", None)
        return self.finished(cells)

    def places(self, label):
        """Cells for the answer to an exercise."""
        solution = [it for it in self.pieces if it.solution == label]
        tests = [it for it in self.tests if it.label == label]
        sources = [it.content for it in solution if it.is_code]
        if tests:
            taken = {name for it in tests for name in it.takes}
            yield code_cell("\n\n\n".join(filter(None, (stub(it, taken) for it in sources))), f"answer-{label}")
            for it in filter(lambda it: it.shown, tests):
                yield code_cell(it.shown, f"{it.name.replace('_', '-')}-{label}")
            yield text_cell("*Your reasons, in two sentences:*", f"reasons-{label}")
        else:
            yield text_cell("*Your answer:*", f"answer-{label}")
            if sources:
                yield code_cell("# your code here", f"code-{label}")

    def instructor(self):
        """All of it, with outputs, each solution marked, and the tests at the end."""
        cells, last = [], None
        for piece in self.pieces:
            if piece.solution and piece.solution != last:
                cells.append(text_cell("**Solution.**", f"solution-{piece.solution}"))
            last = piece.solution
            cells += self.written(piece, outputs=True)
        if self.tests:
            tests = self.tests_file.read_text("utf-8").strip()
            cells.append(text_cell(f"## Tests\n\n```python\n{tests}\n```", "tests"))
        return self.finished(cells)

    def written(self, piece, outputs=False):
        """The cells that a piece becomes."""
        if not piece.is_code:
            box = isinstance(piece.content, Directive)
            source = (self.plain.box if box else self.plain.text)(piece.content, self.page)
            return [text_cell(source, piece.cell["id"])] if source else []
        cell = copy.deepcopy(piece.cell) | {"source": piece.content}
        if not outputs or piece.content != "".join(piece.cell["source"]):
            cell |= {"outputs": [], "execution_count": None}
        return [cell, *self.plain.caption(cell, self.page)]

    def finished(self, cells):
        """The notebook, in which what is text and follows upon text of the same cell is one cell again."""
        joined = []
        for cell in [*cells, *self.plain.references()]:
            if joined and cell["cell_type"] == "markdown" and cell["id"] == joined[-1]["id"]:
                joined[-1]["source"] += f"\n\n{cell['source']}"
            else:
                joined.append(cell)
        ids = set()
        for number, cell in enumerate(joined):
            cell["id"] = cell["id"] if cell["id"] not in ids else f"{cell['id'][-58:]}-{number}"
            ids.add(cell["id"])
        self.plain.cited = []
        metadata = self.notebook["metadata"] | {"course": {"chapter": self.name, "seed": SEED}}
        return {"cells": joined, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def code_cell(source, name):
    name = re.sub(r"[^\w-]", "-", name)[-64:]
    return {"cell_type": "code", "id": name, "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def sources():
    """The chapters that have exercises, and the problem sets."""
    paths = [*notebooks(), *sorted((COURSE / "problems").glob("*.ipynb"))]
    return [path for path in paths if re.search(r"\{exercise(-start)?\}", path.read_text("utf-8"))]


def write(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    labels, folder = map(Path, sys.argv[1:])
    for path in sources():
        handout = Handout(path, labels)
        write(handout.student(), folder / handout.folder / path.name)
        write(handout.instructor(), folder / "instructor" / path.name)
