"""What the book's pages have beyond Jupyter Book's: native folding, sizes of pictures, descriptions, launch buttons.

Environment variables, all optional, tell the build where the book lives; without them nothing points there:

``BOOK_REPOSITORY``  https address of the GitHub repository: source, issue, Colab and Binder buttons; the last two open
                     its branch ``notebooks`` (tools/launch.py)
``BOOK_BRANCH``      its branch, ``main`` unless given
``BOOK_ADDRESS``     https address of the published site: canonical links, social previews, the 404 page's links
"""

import itertools
import os
import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from book_cells import show_cells
from book_course import show_levels
from book_quiz import show_quizzes
from book_room import keep_room
from book_terms import link_terms
from bs4 import BeautifulSoup, NavigableString
from docutils import nodes

# What the buttons of the download menu do, where the theme has endings of files.
DOWNLOADS = {".ipynb": "Notebook", ".md": "Source", ".pdf": "Print"}


def setup(app):
    app.connect("config-inited", say_where_the_book_lives, priority=1)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", offer_a_switch, priority=502)  # after the theme has made the buttons
    app.connect("html-page-context", finish_body, priority=400)  # before the previews are taken from it
    app.connect("html-page-context", mend_menus, priority=502)  # after the theme has made the buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}


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


def mend_menus(app, pagename, templatename, context, doctree):
    """Say what is downloaded; let Colab and Binder open the notebooks that begin with the library's installation."""
    branch = app.config.html_theme_options.get("repository_branch")
    for group in context["header_buttons"]:
        for button in group.get("buttons", ()):
            button["text"] = DOWNLOADS.get(button["text"], button["text"])
            if button["text"] in ("Colab", "Binder"):
                address, path = re.split(rf"/{re.escape(branch)}(?=/chapters/|\?urlpath=)", button["url"], maxsplit=1)
                button["url"] = f"{address}/notebooks{path}"


def offer_a_switch(app, pagename, templatename, context, doctree):
    """Give a page with code a button that shows all of it or hides all of it."""
    if 'class="cell_input' in context.get("body", ""):
        button = {"type": "javascript", "javascript": "toggleCode()", "icon": "fas fa-code", "label": "code-button"}
        context["header_buttons"].insert(0, button | {"tooltip": "Show or hide all code"})


def describe(app, pagename, templatename, context, doctree):
    """Give the page a description, of its own where it has one."""
    description = f"{context['title']}. {app.config.html_short_title}" if doctree else app.config.html_short_title
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        before_math = itertools.takewhile(lambda it: not isinstance(it, nodes.math), paragraph.children)
        text = " ".join("".join(it.astext() for it in before_math).split())
        if len(text) > 50:
            description = text + ("" if len(text) == len(" ".join(paragraph.astext().split())) else " …")
            break
    if len(description) > 160:
        description = description[:157].rsplit(" ", 1)[0] + " …"
    metatags = BeautifulSoup(context.get("metatags") or "", "html.parser")
    for viewport in metatags.select("[name=viewport]"):
        viewport.extract()  # the template has it too
    if not metatags.select("[name=description]"):
        metatags.append(metatags.new_tag("meta", attrs={"name": "description", "content": description}))
    context["metatags"] = str(metatags)


def finish_body(app, pagename, templatename, context, doctree):
    """Repair what the body of a page lacks: native folding, sizes of pictures, headings of tables, lines that break."""
    if not context.get("body"):
        return
    body = BeautifulSoup(context["body"], "html.parser")
    show_cells(body)
    show_levels(app, body)
    show_quizzes(body)
    link_terms(app, pagename, body)
    if pagename == app.config.root_doc:
        show_first_pictures(app, pagename, body)
    for box in body.select("div.admonition.dropdown"):
        box.name = "details"
        box.select_one(".admonition-title").name = "summary"
    for summary in body.select("summary[aria-label]"):
        del summary["aria-label"]  # it would hide the text that is there
    for cell in body.select("th"):
        words = cell.get_text(strip=True)
        if not words:
            cell.name = "td"  # a heading that says nothing is none
        elif (formula := cell.select_one("math mrow")) and words == cell.select_one(".katex").get_text(strip=True):
            cell.select_one(".katex-mathml").string = formula.get_text()  # axe does not take a formula for text
    for link in body.select("a[href*='&amp;']"):
        link["href"] = unescape(link["href"])  # MyST escapes addresses once too often: executablebooks/MyST-Parser#1028
    for box in body.select("pre, div.math, div.cell_output, h1 + figure, .pst-scrollable-table-container"):
        box["tabindex"] = "0"  # it may scroll; book.js takes this back where it does not
    for entry in body.select("[role=doc-biblioentry]"):
        entry["role"] = "listitem"  # the other one is no longer allowed
    sources = {name: path for path, name in app.builder.images.items()}
    for number, image in enumerate(body.select("img")):
        name = image["src"].rsplit("/", 1)[-1]
        if image["src"].endswith(".svg") and name in sources and not image.get("width"):
            drawing = Path(app.srcdir, sources[name]).read_text("utf-8")
            image["width"], image["height"] = svg_size(drawing)
            if 'id="axes_2"' in drawing:  # a narrow screen shows its two panels one above the other
                second = BeautifulSoup(str(image), "html.parser").img
                image["class"], second["class"], second["alt"] = ["panels"], ["panels", "second"], ""
                image["style"], second["style"] = (
                    f"--part: {it} / {image['height']}" for it in widths_of_panels(drawing)
                )
                del second["aria-details"]
                image.insert_after(second)
                second["decoding"], second["loading"] = "async", "lazy"
        image["decoding"] = "async"
        if number:
            image["loading"] = "lazy"
        else:
            image["fetchpriority"] = "high"  # it may be in sight at once
    keep_together(body)
    keep_room(body)
    context["body"] = str(body)


def show_first_pictures(app, pagename, body):
    """Put beside each chapter of a list its first picture, small, and give the page a name for its style."""
    body.section["class"] = [*body.section.get("class", ()), "landing"]
    chapters = {app.builder.get_relative_uri(pagename, it): it for it in app.env.toctree_includes[pagename]}
    for link in body.select("li a"):
        doctree = app.env.get_doctree(chapters[link["href"]]) if link["href"] in chapters else nodes.paragraph()
        names = [app.env.images[it["uri"]][1] for it in doctree.findall(nodes.image)]
        if names:
            source = f"{app.builder.imgpath}/{names[0]}"
            picture = body.new_tag(
                "img", attrs={"class": "first-picture", "src": source, "alt": "", "width": 96, "height": 72}
            )
            link.parent.insert(0, picture)


def keep_together(body):
    """Let no line begin with the comma after a formula, and let names in tables break where their parts end."""
    for part in body.select("span.math"):
        before, after = part.previous_sibling, part.next_sibling
        opens = re.search(r"[(\[“]+$", before) if type(before) is NavigableString else None
        closes = re.match(r"[,.;:!?)\]’”]+", after) if type(after) is NavigableString else None
        if not opens and not closes:
            continue
        whole = body.new_tag("span", attrs={"class": "together"})
        part.replace_with(whole)
        if opens:
            before.replace_with(before[: opens.start()])
            whole.append(opens[0])
        whole.append(part)
        if closes:
            after.replace_with(after[closes.end() :])
            whole.append(closes[0])
    for name in body.select("td code .pre, td code:not(:has(.pre))"):
        parts = re.split(r"(?<=[._(/])(?=\w)", name.get_text())
        if len(parts) > 1 and not name.find():
            name.clear()
            for number, piece in enumerate(parts):
                name.extend([body.new_tag("wbr"), piece] if number else [piece])


def widths_of_panels(drawing):
    """Widths of the two panels of an SVG image in CSS pixels: the second begins left of its axis's name."""
    name = re.search(r"translate\(([\d.]+) [\d.]+\) rotate\(-90\)", drawing[drawing.index('id="axes_2"') :])
    whole, first = svg_size(drawing)[0], round((float(name[1]) - 12) * 4 / 3)
    return first, whole - first


def svg_size(drawing):
    """Width and height of an SVG image in CSS pixels."""
    tag = re.search(r"<svg[^>]*>", drawing)[0]
    left, top, right, bottom = map(float, re.search(r'viewBox="([^"]*)"', tag)[1].split())
    scale = 4 / 3 if re.search(r'\swidth="[\d.]+pt"', tag) else 1
    return round((right - left) * scale), round((bottom - top) * scale)
