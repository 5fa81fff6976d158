"""Cells as a page shows them: folded, ticked, and all at once by the switch in the header."""

import pytest
from book_cells import show_cells
from bs4 import BeautifulSoup
from conftest import PAGES, SITE

CHAPTER = "chapters/theory/gradient-descent.html"
CELLS = "[...document.querySelectorAll('div.cell_input')].filter(it => !it.closest('.dropdown'))"  # solutions fold too
SHOWN = f"{CELLS}.filter(it => it.checkVisibility()).length"


def cell(code="x = 1", shown="", tags=""):
    output = f'<div class="cell_output">{shown}</div>' if shown else ""
    return f'<div class="cell {tags}"><div class="cell_input"><pre>{code}</pre></div>{output}</div>'


def printed(text):
    return f'<div class="output stream"><div><pre>{text}</pre></div></div>'


def page(*parts):
    body = BeautifulSoup("<h1>Title</h1><p>text</p>" + "".join(parts), "html.parser")
    show_cells(body)
    return body


def test_code_that_draws_is_below_its_picture_and_what_sets_up_for_it_too():
    body = page(cell("import numpy"), cell("plot()", "<img>"), cell("y = 2", printed("2")))
    first, second = body.select("div.cell")
    assert [it.name or it for it in first.find_all(recursive=False)] == ["div", "details", "details"]
    assert [it.get_text() for it in first.select("summary")] == ["Setup", "Code of the figure"]
    assert not second.select("details") and second.pre.get_text() == "y = 2"


def test_a_plot_says_what_is_drawn_and_lists_what_the_curves_do():
    """Decimals end no sentence, and a name may have a colon."""
    first = "Two: x against t. h: 1/L: 1 at 0, 0.5 at 3. Vertical line, l: 0.1."
    second = "y (log scale) against λ. b: 2 at 1."
    (part,) = page(cell("plot()", f'<figure><img alt="{first} {second}" src="a/p.svg"></figure>')).select("div.cell")
    assert part.img["alt"] == "Two: x against t, for h: 1/L. y (log scale) against λ, for b."
    assert part.find(id=part.img["aria-details"]) is part.select_one("details .numbers")
    numbers = ["h: 1/L: 1 at 0, 0.5 at 3.", "Vertical line, l: 0.1.", "b: 2 at 1."]
    assert [it.get_text() for it in part.select("li")] == numbers
    assert part.summary.get_text() == "Numbers and code of the figure"
    (part,) = page(cell("images()", '<img alt="random: 10 images of 8 × 8 pixels." src="p.svg">')).select("div.cell")
    assert not part.select(".numbers") and part.img["alt"] == "random: 10 images of 8 × 8 pixels."


def test_setup_with_text_after_it_stays_where_it_is():
    body = page(cell("import numpy"), "<p>between</p>", cell("plot()", "<img>"))
    assert body.select_one("div.cell").find_next_sibling().get_text() == "between"


def test_checks_are_a_list_and_other_lines_stay_text():
    (box,) = page(cell(shown=printed("a  1\n✓ one\n✓ two\nb  2\n"))).select(".cell_output")
    assert [it.name for it in box.find_all(recursive=False)] == ["div", "ul", "div"]
    assert [it.get_text() for it in box.select("pre, li")] == ["a  1", "one", "two", "b  2"]


FIGURE = '<figure id=a-fall><img alt=text src=a><figcaption><p><b class="caption-number">Figure 7.2 </b></p></figure>'
TIP = '<div class="admonition tip"></div>'


def test_a_hero_that_is_far_from_the_title_is_shown_there_too_and_leads_to_its_place():
    body = page(TIP, *4 * ["<p>between</p>"], cell("plot()", FIGURE, "tag_hero"))
    first, second = body.select("img")
    link = body.h1.find_next_sibling()
    assert link is first.parent and first["alt"] == "" and second["alt"] == "text"
    assert link["class"] == ["hero"] and link["href"] == "#a-fall" and link.get_text() == "Figure 7.2, discussed below"
    assert second.find_parent(id="a-fall").find_parent(class_="cell")


def test_a_hero_that_is_near_the_title_is_shown_there_alone():
    """Its code stays where it was, and tells which picture it draws; so does what the cell says besides."""
    body = page(TIP, *3 * ["<p>between</p>"], cell("plot()", FIGURE, "tag_hero"))
    assert body.h1.find_next_sibling() is body.figure and len(body.select("img")) == 1
    assert body.select_one("div.cell").get_text(" ", strip=True) == "Code of Figure 7.2 plot()"
    checked = page(TIP, cell("plot()", FIGURE + printed("✓ it falls\n"), "tag_hero"))
    assert checked.figure.find_previous_sibling() is checked.h1
    assert checked.select_one("div.cell ul.checked").get_text() == "it falls"
    section = page(TIP, f"<section><h2>Later</h2>{cell('plot()', FIGURE, 'tag_hero')}</section>")
    assert len(section.select("img")) == 2


def test_a_statement_leads_to_the_cell_that_checks_it():
    theorem = '<div class="proof" id="sum"><p class="admonition-title">Theorem 1</p></div>'
    body = page(theorem, cell(shown=printed("✓ it holds"), tags="tag_checks-sum"))
    assert body.select_one(body.select_one("#sum a.tick")["href"]).get_text() == "it holds"
    for parts in ((theorem, cell(tags="tag_checks-sum")), (cell(shown=printed("✓ it"), tags="tag_checks-sum"),)):
        with pytest.raises(ValueError, match="checks-sum"):
            page(*parts)


def test_the_switch_shows_all_code_then_none_and_is_remembered(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    cells = page.evaluate(f"{CELLS}.length")
    assert 0 < page.evaluate(SHOWN) < cells
    page.locator("[data-action=code]").click()
    assert page.evaluate(SHOWN) == cells
    page.reload()
    assert page.evaluate(SHOWN) == cells
    page.locator("[data-action=code]").click()
    assert page.evaluate(SHOWN) == 0
    page.goto(f"{server}/chapters/theory/curse.html")
    assert page.evaluate(SHOWN) == 0


def test_every_statement_is_listed_and_its_link_leads_to_it():
    def read(path):
        return BeautifulSoup((SITE / path).read_text("utf-8"), "html.parser")

    listed = {}
    for link in read("chapters/appendix/statements.html").select("article li > p > a"):
        path, label = link["href"].split("#")
        listed[path.removeprefix("../"), label] = link.get_text()
    stated = {
        (path.removeprefix("chapters/"), statement["id"]): statement.select_one(".caption-number").get_text().strip()
        for path in PAGES
        for statement in read(path).select(".proof[id]")
    }
    assert listed == stated


LESSONS = [path for path in PAGES if path.count("/") == 2 and "/appendix/" not in path and "/teaching/" not in path]
FIRST_PICTURE = """[...document.querySelectorAll("article :is(img, .interactive)")].filter(it => it.checkVisibility())
    .map(it => it.getBoundingClientRect()).map(it => (it.top + it.bottom) / 2)[0]"""


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 800)])
def test_a_picture_in_the_first_screen(visit, server, width, height):
    it, low = visit(width=width), []
    for path in LESSONS:
        page = it.go(f"{server}/{path}")
        page.set_viewport_size({"width": width, "height": height})
        if page.evaluate(FIRST_PICTURE) > height:
            low.append(path)
    assert low == []


def test_the_footer_counts_the_ticks():
    pages = [BeautifulSoup((SITE / path).read_text("utf-8"), "html.parser") for path in PAGES]
    ticks = sum(len(it.select("ul.checked li")) for it in pages)
    assert f"{ticks} checks" in pages[0].select_one(".bd-footer-content").get_text()


def test_the_first_use_of_a_word_leads_to_the_glossary():
    glossary = BeautifulSoup((SITE / "chapters/appendix/notation.html").read_text("utf-8"), "html.parser")
    defined = {it["id"] for it in glossary.select("dl.glossary dt")}
    for path in PAGES:
        if "/appendix/" in path or "/teaching/" in path or path.count("/") < 2:
            continue
        article = BeautifulSoup((SITE / path).read_text("utf-8"), "html.parser").article
        leads_to = [link["href"].split("#")[1] for link in article.select("a.term")]
        assert leads_to and len(leads_to) == len(set(leads_to)) and set(leads_to) <= defined, path
