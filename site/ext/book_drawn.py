"""The directive ``drawn``: the picture that an expression of `unrolling.book` makes, where a page is no notebook."""

import hashlib
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import unrolling.book

FOLDER = "_build/drawn"


def setup(app):
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class Drawn(SphinxDirective):
    has_content = True

    def run(self):
        picture = eval("\n".join(self.content), vars(unrolling.book))
        file = f"{FOLDER}/{hashlib.sha256(picture.svg.encode()).hexdigest()[:16]}.svg"
        Path(self.env.srcdir, FOLDER).mkdir(parents=True, exist_ok=True)
        Path(self.env.srcdir, file).write_text(picture.svg, "utf-8")
        return [nodes.paragraph("", "", nodes.image(uri=f"/{file}", alt=picture.alt))]
