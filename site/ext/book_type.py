"""The face of the text: Source Serif 4, which goes with the formulas, with the letters and weights that the book uses.

Its licence reserves the name "Source" for the whole of it: what is left of it here has another name.
"""

import re
import shutil
from html import unescape
from pathlib import Path

from book_math import NPM
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from sphinx.errors import ExtensionError

SOURCE = NPM / "@fontsource-variable/source-serif-4"
NAME = "Book Serif"  # also in book.css
SCRIPTS = ["latin", "latin-ext", "greek"]
STYLES = {"normal": (400, 700), "italic": (400, 400)}  # with their weights: italics are never bold
FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "tnum"]
ALWAYS = set(range(0x20, 0x7F))  # scripts write too
FACE = """@font-face {{ font-family: "{name}"; font-style: {style}; font-weight: {low} {high}; font-display: swap;
src: url(type/{file}) format("woff2"); unicode-range: {range}; }}
"""
FORMULAS = {  # file -> what it is, as CSS's `font` says it
    "npm/katex/fonts/KaTeX_Main-Regular.woff2": "1em KaTeX_Main",
    "npm/katex/fonts/KaTeX_Math-Italic.woff2": "italic 1em KaTeX_Math",
}
TEXT = {"type/latin-normal.woff2": f'1em "{NAME}"'}  # italics are few: a page does not wait for them


def setup(app):
    app.connect("html-page-context", name_fonts)
    app.connect("build-finished", write_fonts, priority=890)  # before site.css is made of this and the other styles
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def name_fonts(app, pagename, templatename, context, doctree):
    """Tell layout.html which fonts the page waits for."""
    context["fonts"] = TEXT | (FORMULAS if 'class="katex"' in context.get("body", "") else {})


def write_fonts(app, exception):
    """Write the fonts, and type.css, which says which letters are in each."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    letters = ALWAYS | set(map(ord, unescape("".join(page.read_text("utf-8") for page in site.rglob("*.html")))))
    folder = site / "_static/type"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    faces = ""
    for style, (low, high) in STYLES.items():
        left = letters
        for script in SCRIPTS:
            file = f"{script}-{style}.woff2"
            if kept := make(script, style, left, folder / file):
                faces += FACE.format(name=NAME, style=style, low=low, high=high, file=file, range=ranges(kept))
            left = left.difference(kept)
    shutil.copyfile(SOURCE / "LICENSE", folder / "OFL.txt")
    (site / "_static/type.css").write_text(faces, "utf-8")


def make(script, style, letters, target):
    """Write the font of ``letters``, code points, as far as the script has them, and return these."""
    source = SOURCE / f"files/source-serif-4-{script}-wght-{style}.woff2"
    font = TTFont(source, recalcTimestamp=False)
    kept = sorted(letters & font.getBestCmap().keys())
    if not kept:
        return kept
    options = subset.Options(flavor="woff2", layout_features=FEATURES, name_IDs=[0, 1, 2, 3, 4, 6, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=kept)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": STYLES[style]})
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            text = re.sub("Source ?Serif ?4", NAME, record.toUnicode())
            record.string = text.replace(" ", "") if record.nameID == 6 else text
    if any("Source" in record.toUnicode() for record in font["name"].names if record.nameID not in (0, 14)):
        raise ExtensionError(f"{source.name} has its name in more places than before: its licence wants another one")
    subset.save_font(font, target, options)
    return kept


def ranges(points):
    """``points`` as CSS says them: U+20-7E,U+A0."""
    runs = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(f"U+{low:X}" + (f"-{high:X}" if high > low else "") for low, high in runs)
