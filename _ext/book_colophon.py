"""The colophon: what this build of the book was made with, and how long its chapters took to run.

The directive ``{versions}`` is a table of the installed releases; ``{run-times}`` one of the seconds that
tools/execute.py measured when it last ran each chapter, or says that it has not.
"""

import json
import os
import platform
from importlib import metadata
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SHOWN = {
    "computes with": [
        "jax",
        "jaxlib",
        "numpy",
        "scipy",
        "scikit-learn",
        "optax",
        "optimistix",
        "bayesian-optimization",
    ],
    "draws with": ["matplotlib", "altair"],
    "is built with": ["jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme"],
    "is tested with": ["pytest", "nbval", "hypothesis", "playwright"],
}


def setup(app):
    app.add_directive("versions", Versions)
    app.add_directive("run-times", RunTimes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Versions(SphinxDirective):
    def run(self):
        rows = [("runs on", f"Python {platform.python_version()}, {platform.system()}, {platform.machine()}")]
        for verb, packages in SHOWN.items():
            rows.append((verb, ", ".join(f"{package} {metadata.version(package)}" for package in packages)))
        if revision := os.environ.get("BOOK_REVISION"):
            rows.append(("was made from", f"revision {revision}"))
        return [table(("this book", "releases"), rows)]


class RunTimes(SphinxDirective):
    def run(self):
        file = Path(self.env.srcdir, "_build/run-times.json")
        self.env.note_reread()
        if not file.exists():
            return [nodes.paragraph(text="The outputs of this build are the stored ones; no chapter was run for it.")]
        seconds = json.loads(file.read_text("utf-8"))
        rows = [(path.removeprefix("chapters/").removesuffix(".ipynb"), f"{it:.0f} s") for path, it in seconds.items()]
        return [table(("chapter", "time to run"), [*rows, ("all", f"{sum(seconds.values()):.0f} s")])]


def table(head, rows):
    """A table of texts."""

    def row(texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in texts))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += [nodes.thead("", row(head)), nodes.tbody("", *map(row, rows))]
    return nodes.table("", group, classes=["table"])
