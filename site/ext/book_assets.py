"""The site's styles, scripts and fonts: few files, all its own.

Jupyter Book would load a dozen styles, a dozen scripts, 1.5 MB of icons, and thebe from another host. Here a page has
one style, without the rules that no page uses, one script that holds nothing up, and fonts with the icons and letters
in use. What comes from npm is copied from the packages that package-lock.json names. A page asks for each by its name
and a digest of what it holds, so that no reader gets an old one from a cache. Bootstrap's script is left out:
browsers have menus.
"""

import hashlib
import logging
import posixpath
import re
import shutil
import subprocess
from fnmatch import fnmatch
from functools import cache
from html import unescape
from pathlib import Path

import pydata_sphinx_theme
from book_math import NODE, NPM
from fontTools import subset
from sphinx.errors import ExtensionError

logging.getLogger("fontTools").setLevel(logging.ERROR)  # or each table of a font is news

STATIC = Path(__file__).parents[1] / "static"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
VENDORED = {  # in node_modules -> in _static/npm of the site
    "@popperjs/core/dist/umd/popper.min.js": "popper.min.js",
    "tippy.js/dist/tippy-bundle.umd.min.js": "tippy.min.js",
    "katex/dist/katex.min.css": "katex/katex.min.css",
}
SHOWN = 'class="interactive" data-figure="{}"'.format
FEW = {  # what a page needs that has such a part
    'class="interactive"': ["residual.js", "plots.js"],
    **dict.fromkeys(map(SHOWN, ["explorer", "polynomials", "spectrum_of_error", "step_sizes"]), ["interactive.js"]),
    **dict.fromkeys(map(SHOWN, ["late_start", "turning", "checkpoints"]), ["runs.js"]),
    SHOWN("distillation"): ["distillation.js"],
    'class="calculator"': ["calculator.css", "residual.js", "calculator.js"],
}
PREVIEWS = ["npm/popper*", "npm/tippy*", "tippy/*"]  # what book.js loads
STYLES = [  # what becomes site.css and site.js, in this order; any other stays a file of its own
    "type.css",
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "exercise.css",
    "proof.css",
    "sphinx-design.min.css",
    "npm/katex/katex.min.css",
    "book.css",
    "interactive.css",
]
SCRIPTS = [
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "scripts/pydata-sphinx-theme.js",
    "scripts/sphinx-book-theme.js",
    "book.js",
]
UNUSED = [
    "**/*.ttf",
    "**/*.map",
    "**/*.LICENSE.txt",
    "*.html",
    "scripts/bootstrap.js",
    "scripts/fontawesome.js",
    "sphinx-thebe.*",
    "togglebutton.*",
]


def setup(app):
    drop_extensions(app, "sphinx_thebe", "sphinx_togglebutton", "sphinx_comments")
    app.add_css_file("npm/katex/katex.min.css")
    app.connect("builder-inited", vendor)
    app.connect("html-page-context", link_few_files, priority=900)
    app.connect("build-finished", finish, priority=900)  # after the theme has written its colours of code
    return {"parallel_read_safe": True, "parallel_write_safe": False}


def drop_extensions(app, *names):
    """Undo what extensions that Jupyter Book always loads would put on the pages."""
    for listeners in app.events.listeners.values():
        listeners[:] = [it for it in listeners if not it.handler.__module__.startswith(names)]
    unwanted = ("sphinx-thebe", "togglebutton")
    app.registry.css_files[:] = [it for it in app.registry.css_files if not it[0].startswith(unwanted)]


def vendor(app):
    """Copy the few files that pages use of npm packages; and our own, which Sphinx forgets if no page changes."""
    if app.builder.format != "html":
        return
    shutil.copytree(STATIC, Path(app.outdir, "_static"), dirs_exist_ok=True)
    target = Path(app.outdir, "_static/npm")
    shutil.rmtree(target, ignore_errors=True)
    for source, name in VENDORED.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(NPM / source, target / name)
    css = target / "katex/katex.min.css"
    only_woff2 = re.sub(r',url\([^)]*\) format\("(woff|truetype)"\)', "", css.read_text("utf-8"))
    css.write_text(only_woff2, "utf-8")


def link_few_files(app, pagename, templatename, context, doctree):
    """Leave a page only the styles and scripts that are not in site.css and site.js, and that it needs."""
    body = context.get("body", "")
    for file in dict.fromkeys(it for part, files in FEW.items() if part in body for it in files):
        app.add_css_file(file) if file.endswith(".css") else app.add_js_file(file)

    def own(files, common):
        named = [(str(file.filename or "").removeprefix("_static/"), file) for file in files]
        return [(name, file) for name, file in named if not among(name, common)]

    context["css_files"][:] = [style for _, style in own(context["css_files"], STYLES)]
    scripts, context["previews"] = [], []
    for name, script in own(context["script_files"], SCRIPTS):
        if among(name, PREVIEWS):
            context["previews"].append(name)
        elif name and (name != "design-tabs.js" or "sd-tab-set" in body):
            # One without a name sets options of the theme, which the book leaves at their defaults.
            script.attributes.setdefault("defer", "defer")
            scripts.append(script)
    context["script_files"][:] = scripts


def among(name, patterns):
    return any(fnmatch(name, it) for it in patterns)


def finish(app, exception):
    """Write site.css, site.js and the fonts of icons and formulas, and remove what is not used."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    scripts = "\n;\n".join((static / it).read_text("utf-8") for it in SCRIPTS)
    # The theme measures each block of code while the page loads, and so undoes that parts out of sight are not laid out
    # (book.css). book.js does the same when a block comes into sight.
    scripts, count = re.subn(r'\["pre",".nboutput[^\]]*\]', '["#none"]', scripts)
    # It also looks for notes in the margin among all that formulas are made of; the book has none.
    scripts, more = re.subn(r'\["marginnote",[^\]]*\]', '["none"]', scripts)
    if (count, more) != (1, 1):
        raise ExtensionError("the themes' scripts have changed: see to addTabStopsToScrollableElements and marginnote")
    (static / "site.js").write_text(scripts, "utf-8")
    styles = [rebased(file, static) for pattern in STYLES for file in static.glob(pattern)]
    for file in {static / it for files in FEW.values() for it in files}:  # comments and indents stay in the sources
        file.write_text(re.sub(r"^\s*//.*\n|^\s+", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    whole = "\n".join(styles).replace('@charset "UTF-8";', "")
    whole = re.sub(r"/\*(?!!).*?\*/", "", whole, flags=re.DOTALL)  # but for licences
    (static / "site.css").write_text(whole, "utf-8")
    pages = "".join(page.read_text("utf-8") for page in Path(app.outdir).rglob("*.html"))
    webfonts = "vendor/fontawesome/webfonts"
    subset_fonts((THEME / webfonts).glob("*.ttf"), icons(whole, pages), static / webfonts)
    subset_fonts((NPM / "katex/dist/fonts").glob("*.woff2"), set(unescape(pages)), static / "npm/katex/fonts")
    for unused in UNUSED:
        for file in static.glob(unused):
            file.unlink()
    purge(Path(app.outdir))
    add_digests(Path(app.outdir))


def add_digests(site):
    """Let each page ask for its styles and scripts by what they hold: ``site.css?v=`` and a digest."""

    @cache
    def digest(name):
        return hashlib.sha256((site / name).read_bytes()).hexdigest()[:8]

    named = re.compile(r'\b((?:href|src|content)="[^":?]*?)((?:_static/[^":?]*|searchindex)\.(?:css|js))(?:\?v=\w*)?"')
    for page in site.rglob("*.html"):
        html = page.read_text("utf-8")
        page.write_text(named.sub(lambda it: f'{it[1]}{it[2]}?v={digest(it[2])}"', html), "utf-8")


def rebased(style, folder):
    """The text of ``style``, with addresses that are good in ``folder``."""
    own_folder = style.parent.relative_to(folder).as_posix()
    return re.sub(
        r"url\((?![\"']?(?:data:|#))([\"']?)([^)\"']+)\1\)",
        lambda it: f"url({posixpath.normpath(posixpath.join(own_folder, it[2]))})",
        style.read_text("utf-8"),
    )


def purge(site):
    """Take the rules that neither a page nor a script can need out of site.css."""
    css = site / "_static/site.css"
    content = [*site.rglob("*.html"), *site.glob("_static/**/*.js")]
    config = Path(__file__).with_name("purgecss.config.cjs")
    command = [NODE, NPM / "purgecss/bin/purgecss.js", "--config", config, "--css", css, "--output", css]
    subprocess.run([*command, "--content", *content], check=True, capture_output=True)


def icons(css, pages):
    """The characters of the icons that a style or a page names."""
    characters = set(re.findall(r'--pst-icon-[\w-]+:"(.)"', css))
    for name in set(re.findall(r"\bfa-([a-z-]+)", pages)):
        for code in re.findall(rf'\.fa-{name}:before[^{{}}]*{{content:"\\([0-9a-f]+)"', css):
            characters.add(chr(int(code, 16)))
    return characters


def subset_fonts(fonts, characters, folder):
    """Write the fonts to ``folder``, with these characters only."""
    folder.mkdir(parents=True, exist_ok=True)
    for full in fonts:
        options = subset.Options(flavor="woff2")
        font = subset.load_font(full, options)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=map(ord, characters))
        subsetter.subset(font)
        subset.save_font(font, folder / f"{full.stem}.woff2", options)
