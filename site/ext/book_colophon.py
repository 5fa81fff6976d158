"""The colophon: the directive ``{versions}`` is a table of the releases that this build of the book was made with."""

import os
import platform
from importlib import metadata

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
    ],
    "draws with": ["matplotlib"],
    "is built with": ["jupyter-book", "sphinx", "myst-nb", "sphinx-book-theme"],
    "is tested with": ["pytest", "nbval", "hypothesis", "playwright"],
}


def setup(app):
    app.add_directive("versions", Versions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Versions(SphinxDirective):
    def run(self):
        rows = [("runs on", f"Python {platform.python_version()}, {platform.system()}, {platform.machine()}")]
        for verb, packages in SHOWN.items():
            rows.append((verb, ", ".join(f"{package} {metadata.version(package)}" for package in packages)))
        if revision := os.environ.get("BOOK_REVISION"):
            rows.append(("was made from", f"revision {revision}"))
        return [table(("this book", "releases"), rows)]


def table(head, rows):
    """A table of texts."""

    def row(texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph(text=text)) for text in texts))

    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    group += [nodes.thead("", row(head)), nodes.tbody("", *map(row, rows))]
    return nodes.table("", group, classes=["table"])
