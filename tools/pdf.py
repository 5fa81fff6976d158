"""Print the built site as one book, and its cheat sheet: python tools/pdf.py _build/html _build/pdf/book.pdf

The site's pages have their mathematics, numbers and references already. They become one long page, and a Chromium
prints it: twice, for the table of contents learns from the first print on which page a chapter begins. The cheat sheet
is printed once more for itself, on one page, and put into the site too, where its page has a link to it.

Code that draws is left out. So is what a tagged PDF would say of each sign of a formula and each word of code, and are
the outlines of letters in figures: they were most of the file.
"""

import os
import posixpath
import re
import shutil
import sys
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import matplotlib
import pikepdf
import yaml
from browser import CHROMIUM, FLAGS, MISSING
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

STYLE = Path(__file__).with_name("pdf.css")
CITATION = Path(__file__).parents[1] / "CITATION.cff"
HOME = "chapters/index.html"
SHEET = "chapters/appendix/cheat-sheet.html"
INTRODUCTION = "Introduction"  # how the landing page is called: the book's title is on the title page
WIDTH = 747  # of the text, in CSS pixels
SCALE = 0.84  # so it is 166 mm on paper
SHEET_WIDTH = 726  # 192 mm
# What scrolls within itself in a browser gets as small as its place on paper. Very long lines are broken.
FIT = """boxes => boxes.map(box => [box, box.clientWidth / box.scrollWidth]).forEach(([box, ratio]) => {
    if (ratio < 0.7 && box.matches("pre")) box.style.whiteSpace = "pre-wrap"
    else if (ratio < 1) box.style.zoom = 0.99 * ratio
})"""
# CSS pixels, of which a page has 1129: what is taller may be cut. Pictures never are.
TALL = {".cell_input, .output, table": 250, ".admonition, .quiz": 320, ":is(h2, h3, h4, h5, h6) + p": 40}
MARK = "(boxes, height) => boxes.forEach(box => box.classList.toggle('tall', box.offsetHeight > height))"
COLOURED = re.compile("c|k|s")  # comments, keywords and strings; other words of code need no part of their own
NOTE = """Text: CC BY 4.0. Code: MIT. The code that draws the figures is left out here. It is in the notebooks, one for
each chapter, which the website of the book shows and gives away."""
FONT = Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf")  # of the figures
LETTER = re.compile(
    r'<use xlink:href="#DejaVuSans-(\w+)"(?: transform="translate\((\S+) (\S+)\)(?: scale\((\S+)\))?")?/>'
)
CURVE, DIGITS = re.compile(rb"^[-\d. ]+ [clm]$", re.MULTILINE), re.compile(rb"(\.\d\d)\d+")
NUMBER = "(link, number) => { link.dataset.page = number }"


def whole(site, folder):
    """All pages of ``site`` as the HTML of one page in ``folder``."""
    home = read(site / HOME)
    title = home.article.h1.contents[0]
    about = read(site / "index.html").select_one("[name=description]")["content"]
    parts = [(None, [(HOME, INTRODUCTION)])]
    for caption in home.select("nav.bd-links .caption"):
        links = caption.find_next_sibling("ul").select("a")
        chapters = [(resolve(HOME, it["href"]), it.get_text(strip=True)) for it in links]
        parts.append((caption.get_text(strip=True), chapters))
    names = {path: name for _, chapters in parts for path, name in chapters}
    running = "".join(
        f'@page {anchor(path)} {{ @top-left {{ content: "{part or ""}" }} @top-right {{ content: "{name}" }} }}\n'
        for part, chapters in parts
        for path, name in chapters
    )
    base = Path(os.path.relpath(site, folder)).as_posix()
    contents, text = "", ""
    for part, chapters in parts:
        entries = ""
        for path, name in chapters:
            entries += f'<li><a href="#{anchor(path)}">{escape(name)}</a></li>\n'
            heading = f'<h1 class="part">{escape(part)}</h1>' if part and path == chapters[0][0] else ""
            article = adopt(read(site / path), path, names, base)
            text += f'<div class="chapter" id="{anchor(path)}" style="page: {anchor(path)}">{heading}{article}</div>\n'
        contents += f"<li>{escape(part)}<ol>{entries}</ol></li>" if part else entries
    style = Path(os.path.relpath(STYLE, folder)).as_posix()
    return f"""<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{escape(title)}</title>
<link rel="stylesheet" href="{base}/_static/site.css">
<link rel="stylesheet" href="{style}">
<style>{running}</style>
</head>
<body><div class="bd-content"><main class="bd-article">
<div class="cover"><img src="{base}/_static/mark.svg" alt=""><h1>{escape(title)}</h1><p>{escape(about)}</p>
<p class="note">{NOTE}</p></div>
<nav class="table-of-contents"><h2>Contents</h2><ol>{contents}</ol></nav>
{text}</main></div></body>
</html>"""


def read(page):
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def resolve(path, link):
    """The path in the site of what ``link`` on the page ``path`` names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(link))) if link else path


def anchor(path, fragment=""):
    """The name in the one page of the page ``path``, or of the place ``fragment`` in it."""
    return re.sub(r"[^\w-]", "-", path.removesuffix(".html") + (f"--{fragment}" if fragment else ""))


def adopt(page, path, names, base):
    """What ``page`` says, as a part of the one page: unfolded, links, pictures and headings fitted to it."""
    article = page.article
    if path == HOME:
        article.h1.string = INTRODUCTION
    for useless in article.select(".printable, script, a.headerlink, .hero, .first-picture, .second"):
        useless.extract()
    for picture in article.select("img[aria-details]"):
        picture["alt"] += f" {article.find(id=picture['aria-details']).get_text(' ')}"
    for drawing in article.select(".cell:has(.cell_output :is(img, .interactive)) > details.code"):
        if not drawing.find_parent(class_="solution"):
            drawing.extract()
    for summary in article.select("details.code > summary"):
        summary.extract()
    for hidden in article.select("details.code"):
        hidden.unwrap()
    for summary in article.select("summary"):
        summary.name = "p"
    for box in article.select("details"):
        box.name = "div"
    for level in range(5, 0, -1):  # a part's is the first
        for heading in article.select(f"h{level}"):
            heading.name = f"h{level + 1}"
    for formula in article.select(".katex"):
        # A tagged PDF has no formulas in MathML: it says what was written.
        mathml = formula.select_one(".katex-mathml").extract()
        formula["role"], formula["aria-label"] = "img", (mathml.annotation or mathml).get_text()
        hide_all_but_one_sign(formula.select_one(".katex-html"))
    for code in article.select("pre"):
        for word in code.select("span"):
            if not any(COLOURED.match(it) for it in word.get("class", ())):
                word.unwrap()
        code.smooth()
    for place in article.select("[id]"):
        place["id"] = anchor(path, place["id"])
    for picture in article.select("img"):
        picture["src"] = f"{base}/{resolve(path, picture['src'])}"
        del picture["loading"]
    for link in article.select("a[href]"):
        to = urlsplit(link["href"])
        if to.scheme:
            continue
        target = resolve(path, to.path)
        if target in names and "state" not in link.get("class", ()):
            link["href"] = f"#{anchor(target, unquote(to.fragment))}"
        else:
            link.unwrap()  # it leads to what is no page of the book, as the index, or moves a figure
    return "".join(map(str, article.contents))


def hide_all_but_one_sign(box):
    """Take the parts of a formula out of the tags, which are many, but for one: without it there is no formula."""
    del box["aria-hidden"]
    while parts := box.find_all(recursive=False):
        kept = next(it for it in parts if it.get_text(strip=True))
        for part in parts:
            if part is not kept:
                part["aria-hidden"] = "true"
        box = kept


def sheet(site, folder):
    """The cheat sheet as the HTML of a page in ``folder``, without code, and with links to no other page."""
    base, style = (Path(os.path.relpath(it, folder)).as_posix() for it in (site, STYLE))
    page = read(site / SHEET)
    for code in page.article.select("details.code, .cell_input"):
        code.extract()
    article = adopt(page, SHEET, {}, base)
    return f"""<!doctype html>
<html lang="en" data-theme="light">
<head>
<meta charset="utf-8">
<title>{escape(page.article.h2.contents[0])}</title>
<link rel="stylesheet" href="{base}/_static/site.css">
<link rel="stylesheet" href="{style}">
</head>
<body><div class="bd-content sheet"><main class="bd-article">{article}</main></div></body>
</html>"""


def write_letters(page, folder):
    """Let the figures of ``page`` have letters in place of their outlines, in files of ``folder``."""
    signs = {
        f"{font.getGlyphID(name):x}": chr(code) for font in [TTFont(FONT)] for code, name in font.getBestCmap().items()
    }
    (folder / "figures").mkdir(exist_ok=True)

    def write(use):
        sign, x, y, scale = use.groups(default="")
        place = f"translate({x or 0} {y or 0}) scale({scale or 1} -{scale or 1})"
        return f'<text transform="{place}" style="font: 100px DejaVu Sans">{escape(signs[sign])}</text>'

    def copy(source):
        name = f"figures/{posixpath.basename(source[1])}"
        (folder / name).write_text(LETTER.sub(write, (folder / source[1]).read_text("utf-8")), "utf-8")
        return f'src="{name}"'

    return re.sub(r'src="([^"]*\.svg)"', copy, page)


def prepare(page):
    """Fit what is too wide for ``page``, which is laid out as on paper, and mark what is tall enough to be cut."""
    page.eval_on_selector_all("div.math, pre, table", FIT)
    for boxes, height in TALL.items():
        page.eval_on_selector_all(boxes, MARK, height)


def page_numbers(book):
    """On which page of ``book`` each named place is, the first being 1."""
    return {name.lstrip("/"): book.get_destination_page_number(it) + 1 for name, it in book.named_destinations.items()}


def write(site, pdf):
    pdf.parent.mkdir(parents=True, exist_ok=True)
    source = pdf.with_suffix(".html")
    source.write_text(write_letters(whole(site, pdf.parent), pdf.parent), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
        page.emulate_media(media="print")
        page.goto(source.resolve().as_uri())
        prepare(page)
        options = {"path": pdf, "prefer_css_page_size": True, "scale": SCALE}
        draft = page.add_style_tag(content="main * { visibility: hidden !important }")  # faster, and as long
        page.pdf(**options)
        draft.evaluate("it => it.remove()")
        numbers = page_numbers(PdfReader(pdf))
        for link in page.locator(".table-of-contents a").all():
            link.evaluate(NUMBER, numbers[link.get_attribute("href")[1:]])
        page.pdf(**options, print_background=True, outline=True, tagged=True)
        pack(pdf, page.title(), read(site / "index.html").select_one("[name=description]")["content"])
        write_sheet(browser, site, pdf.with_name("cheat-sheet.pdf"))
        browser.close()


def pack(pdf, title, about):
    """Say in ``pdf`` whose it is and what it is about, and let what is in it many times take little room."""
    citation = yaml.safe_load(CITATION.read_text("utf-8"))
    authors = [it["name"] for it in citation["authors"]]
    with pikepdf.open(pdf, allow_overwriting_input=True) as book:
        with book.open_metadata(set_pikepdf_as_editor=False) as said:
            said["dc:title"], said["dc:creator"], said["dc:description"] = title, authors, about
            said["dc:subject"], said["pdf:Keywords"] = citation["keywords"], ", ".join(citation["keywords"])
            said["dc:language"], said["dc:rights"] = ["en"], "CC BY 4.0"
        for page in book.pages:  # curves, to a hundredth of a pixel
            page.contents_coalesce()
            content = page.Contents.read_bytes()
            page.Contents.write(CURVE.sub(lambda curve: DIGITS.sub(rb"\1", curve[0]), content))
        packed = pikepdf.ObjectStreamMode.generate
        book.save(pdf, object_stream_mode=packed, recompress_flate=True)


def write_sheet(browser, site, pdf):
    """Print the cheat sheet as large as one page has room for, and let the site have it."""
    source = pdf.with_suffix(".html")
    source.write_text(sheet(site, pdf.parent), "utf-8")
    for scale in range(110, 40, -2):
        page = browser.new_page(
            viewport={"width": round(100 * SHEET_WIDTH / scale), "height": 1000}, color_scheme="light"
        )
        page.emulate_media(media="print")
        page.goto(source.resolve().as_uri())
        page.eval_on_selector_all("div.math, pre, table", FIT)
        page.pdf(path=pdf, prefer_css_page_size=True, scale=scale / 100, print_background=True, tagged=True)
        page.close()
        if len(PdfReader(pdf).pages) == 1:
            shutil.copyfile(pdf, (site / SHEET).with_suffix(".pdf"))
            return
    raise ValueError(f"the cheat sheet has too much for one page: see {source}")


if __name__ == "__main__":
    if not CHROMIUM:
        sys.exit(f"make pdf {MISSING}")
    write(*map(Path, sys.argv[1:]))
