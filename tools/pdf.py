"""Print the built site as one book, and its cheat sheet: python tools/pdf.py _build/html _build/pdf/book.pdf

The site's pages have their mathematics, numbers and references already. They become one long page, and a Chromium
prints it: twice, for the table of contents learns from the first print on which page a chapter begins. The cheat sheet
is printed once more for itself, on one page, and put into the site too, where its page has a link to it.
"""

import os
import posixpath
import re
import shutil
import sys
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from browser import CHROMIUM, FLAGS, MISSING
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

STYLE = Path(__file__).with_name("pdf.css")
HOME = "chapters/index.html"
SHEET = "chapters/appendix/cheat-sheet.html"
INTRODUCTION = "Introduction"  # how the landing page is called: the book's title is on the title page
WIDTH = 747  # of the text, in CSS pixels
SCALE = 0.84  # so it is 166 mm on paper
SHEET_WIDTH = 726  # 192 mm
# What scrolls within itself in a browser gets as small as its place on paper.
FIT = """boxes => boxes.map(box => [box, box.clientWidth / box.scrollWidth]).forEach(([box, ratio]) => {
    if (ratio < 1) box.style.zoom = 0.99 * ratio
})"""
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
        f'@page {anchor(path)} {{ @top-right {{ content: "{name}" }} }}\n' for path, name in names.items()
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
<body class="bd-content"><main class="bd-article">
<div class="cover"><img src="{base}/_static/mark.svg" alt=""><h1>{escape(title)}</h1><p>{escape(about)}</p></div>
<nav class="table-of-contents"><h2>Contents</h2><ol>{contents}</ol></nav>
{text}</main></body>
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
    for useless in article.select(".printable, script, a.headerlink, details.code > summary"):
        useless.extract()
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
        del formula.select_one(".katex-html")["aria-hidden"]
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
        if target in names:
            link["href"] = f"#{anchor(target, unquote(to.fragment))}"
        else:
            link.unwrap()  # it leads to what is no page of the book, as the index
    return "".join(map(str, article.contents))


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
<body class="bd-content sheet"><main class="bd-article">{article}</main></body>
</html>"""


def page_numbers(book):
    """On which page of ``book`` each named place is, the first being 1."""
    return {name.lstrip("/"): book.get_destination_page_number(it) + 1 for name, it in book.named_destinations.items()}


def write(site, pdf):
    pdf.parent.mkdir(parents=True, exist_ok=True)
    source = pdf.with_suffix(".html")
    source.write_text(whole(site, pdf.parent), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": 1000}, color_scheme="light")
        page.emulate_media(media="print")
        page.goto(source.resolve().as_uri())
        page.eval_on_selector_all("div.math, pre, table", FIT)
        options = {"path": pdf, "prefer_css_page_size": True, "scale": SCALE}
        draft = page.add_style_tag(content="main * { visibility: hidden !important }")  # faster, and as long
        page.pdf(**options)
        draft.evaluate("it => it.remove()")
        numbers = page_numbers(PdfReader(pdf))
        for link in page.locator(".table-of-contents a").all():
            link.evaluate(NUMBER, numbers[link.get_attribute("href")[1:]])
        page.pdf(**options, print_background=True, outline=True, tagged=True)
        write_sheet(browser, site, pdf.with_name("cheat-sheet.pdf"))
        browser.close()


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
