"""The printed book and its cheat sheet: what `make pdf` has written, against the pages of the site."""

import re
from collections import Counter

import pikepdf
import pytest
from bs4 import BeautifulSoup, SoupStrainer
from conftest import ROOT, SITE
from pdf import HOME, SHEET, WIDTH, page_numbers, prepare, resolve
from pypdf import PdfReader

PDF = ROOT / "_build/pdf/book.pdf"
TOO_WIDE = """width => [
    ...[...document.querySelectorAll("div.math, pre, table")].filter(it => it.scrollWidth > it.clientWidth),
    ...[...document.querySelectorAll(".base, img")].filter(it => it.getBoundingClientRect().right > width + 4)
].map(it => it.alt || it.textContent)"""
# The page, between its margins, in points of the PDF and in pixels of the browser.
TOP, BOTTOM, HEIGHT = (297 - 24) / 25.4 * 72, 22 / 25.4 * 72, 1129
WHOLE = """height => [...document.querySelectorAll(".chapter *")]
    .filter(it => it.offsetHeight > height && getComputedStyle(it).breakInside == "avoid")
    .map(it => [it.matches("figure"), it.textContent])"""


@pytest.fixture(scope="module")
def book():
    assert PDF.exists(), "make pdf"
    return PdfReader(PDF)


@pytest.fixture(scope="module")
def read(book):
    """The text of each page, with no spaces, as the layout adds some and takes some; all that is not code; and where
    the lowest line of each page is."""
    prose, texts, ends = [], [], []

    def collect(text, matrix, text_matrix, font, size):
        if font and "Mono" not in font.get("/BaseFont", ""):
            prose.append(text)
        y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
        if text.strip() and BOTTOM < y < TOP:
            ends[-1] = min(ends[-1], y)

    for page in book.pages:
        ends.append(TOP)
        texts.append(squeeze(page.extract_text(visitor_text=collect)))
    return texts, " ".join(prose), ends


@pytest.fixture(scope="module")
def texts(read):
    return read[0]


@pytest.fixture(scope="module")
def laid_out(browser):
    """What was printed, in a browser, as it was printed."""
    page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
    page.emulate_media(media="print")
    page.goto(PDF.with_suffix(".html").as_uri())
    prepare(page)
    yield page
    page.close()


@pytest.fixture(scope="module")
def one_page():
    """The links and pictures of what was printed."""
    page = PDF.with_suffix(".html").read_text("utf-8")
    return BeautifulSoup(page, "html.parser", parse_only=SoupStrainer(["a", "img"]))


# Once each: no second panel, and nothing that only leads to a figure.
FIGURES = "img:not(.second, .first-picture, .hero img)"


@pytest.fixture(scope="module")
def chapters():
    """The text of each page of the site that is in the book, in order."""
    links = BeautifulSoup((SITE / HOME).read_text("utf-8"), "html.parser").select("nav.bd-links a")
    paths = [resolve(HOME, link["href"].replace("#", "index.html")) for link in links]
    return [BeautifulSoup((SITE / path).read_text("utf-8"), "html.parser").article for path in paths]


def squeeze(text):
    return re.sub(r"\s", "", text)


def flat(outline):
    for it in outline:
        yield from flat(it) if isinstance(it, list) else [it]


def entries(book, outline, level=0):
    for it in outline:
        if isinstance(it, list):
            yield from entries(book, it, level + 1)
        else:
            yield level, it.title, book.get_destination_page_number(it)


def test_every_chapter_is_in_the_outline(book, texts, chapters):
    outline = [entry for entry in entries(book, book.outline) if entry[0] == 1]
    titles = [chapter.h1.get_text().removesuffix("#") for chapter in chapters]
    assert [title for _, title, _ in outline] == ["Contents", "Introduction", *titles[1:]]
    pages = [page for _, _, page in outline]
    assert pages == sorted(set(pages)), "each begins on a page of its own"
    contents = "".join(texts[pages[0] : pages[1]])
    for _, title, page in outline[1:]:
        assert squeeze(title) in texts[page]
        assert squeeze(f"{title}{page + 1}") in contents, "the table of contents says the page"


def test_numbers(texts, chapters):
    """Theorems, exercises and equations have the numbers that they have on the site."""
    text = "".join(texts)
    numbers = [it.get_text() for chapter in chapters for it in chapter.select(".caption-number, .eqno")]
    assert len(numbers) > 50
    assert [it for it in numbers if squeeze(it) not in text] == []


def test_references_lead_to_what_they_name(book, texts, one_page):
    places = page_numbers(book)
    links = one_page.select('a[href^="#"]')
    assert len(links) > 200
    assert [link["href"] for link in links if link["href"][1:] not in places] == []
    numbered = [link for link in links if re.fullmatch(r"\(\d+\.\d+\)|[A-Z]\w+ \d+\.\d+", link.get_text(strip=True))]
    assert len(numbered) > 50
    for link in numbered:
        label, number = squeeze(link.get_text()), places[link["href"][1:]]
        assert any(label in text for text in texts[number - 1 : number + 1]), f"{label} is not on page {number}"


def test_links(book):
    """Every link in the PDF leads to a place in it, or to the web."""
    places = book.named_destinations
    inside = 0
    for page in book.pages:
        for link in (it.get_object() for it in page.get("/Annots", [])):
            action = link.get("/A", {}).get("/URI")
            target = link.get("/Dest")
            assert action or target in places, link
            assert not action or re.match("https?://", action), action
            inside += not action
    assert inside > 200


def test_figures(chapters, one_page):
    """Every figure is there, with what it shows in words; and every formula, as it was written."""
    with pikepdf.open(PDF) as file:
        parts = [it for it in file.objects if isinstance(it, pikepdf.Dictionary) and it.get("/S") == "/Figure"]
        said = Counter(squeeze(str(it.get("/Alt", ""))) for it in parts)
    figures = Counter(
        squeeze(image["alt"] + " ".join(it.get_text() for it in chapter.find_all(id=image.get("aria-details", ""))))
        for chapter in chapters
        for image in chapter.select(FIGURES)
    )
    assert sum(figures.values()) > 30
    assert figures - said == Counter()
    formulas = Counter(squeeze(it.get_text()) for chapter in chapters for it in chapter.select("annotation"))
    assert formulas - said == Counter()
    assert all((PDF.parent / image["src"]).is_file() for image in one_page.select("img"))


def test_captions_are_printed_once(texts, chapters):
    text = "".join(texts)
    captions = [squeeze(it.get_text()) for chapter in chapters for it in chapter.select("figcaption .caption-number")]
    assert [it for it in captions if it not in text] == []


def test_it_is_small_and_says_whose_it_is(book):
    assert PDF.stat().st_size < 10_000_000
    assert {"/Title", "/Author", "/Subject", "/Keywords"} <= set(book.metadata)
    assert book.xmp_metadata.dc_creator == [book.metadata["/Author"]]
    assert "Chrome" not in str(book.metadata), "what it was printed with, and on, is nobody's business"


def test_running_heads(texts, chapters):
    """The part on the left, the number and the title of the chapter on the right."""
    for chapter in chapters[1:]:
        title = squeeze(chapter.h1.get_text().removesuffix("#"))
        assert sum(title in text for text in texts) >= 2, title


def test_code_that_draws_is_left_out(texts, chapters):
    """But for that of solutions; and the front says where it is."""
    folded = [it for chapter in chapters for it in chapter.select(".cell:has(figure, .cell_output img) > details.code")]
    lines = [squeeze(it.pre.get_text())[-60:] for it in folded if not it.find_parent(class_="solution")]
    assert len(lines) > 30
    text = "".join(texts)
    assert sum(it in text for it in lines) < 0.05 * len(lines), "a line may stand elsewhere, too"
    assert "codethatdrawsthefiguresisleftout" in texts[0]


def test_nothing_unresolved(read):
    prose = read[1]
    assert len(prose) > 100_000
    assert re.findall(r"\?\?|\[\?\]|\\[a-zA-Z]{2,}|\$[^$\n]{1,60}\$|\{[\w:]+\}`|:::", prose) == []


def test_nothing_is_cut_off(laid_out):
    assert laid_out.evaluate(TOO_WIDE, WIDTH) == []


def test_what_is_tall_may_be_cut(laid_out):
    """Nothing that must stay on one page takes more than a third of it, but for pictures."""
    assert [text.strip()[:60] for picture, text in laid_out.evaluate(WHOLE, HEIGHT / 3) if not picture] == []


def test_no_page_is_half_empty(book, read, laid_out):
    """But the last of a chapter, and one before a picture that has no room on it, with a heading of its own."""
    texts, _, ends = read
    first, *starts = sorted({page for level, _, page in entries(book, book.outline) if level == 1})
    last = {start - 1 for start in starts} | {len(ends) - 1}
    tall = [squeeze(text)[:20] for picture, text in laid_out.evaluate(WHOLE, 0.4 * HEIGHT) if picture]
    full = {number: (TOP - ends[number]) / (TOP - BOTTOM) for number in range(first, len(ends)) if number not in last}
    assert len(full) > 500
    half_empty = [number for number, share in full.items() if share < 0.5]
    assert [it + 1 for it in half_empty if not any(caption in texts[it + 1] for caption in tall)] == []


def test_no_heading_ends_a_page(book, read):
    """A line after it, which ends less than 40 points below the top of the heading, is not enough."""
    places = [(it.title, it.top, book.get_destination_page_number(it)) for it in flat(book.outline)]
    assert len(places) > 300
    assert [(title, page + 1) for title, top, page in places if top - read[2][page] < 40] == []


def test_the_cheat_sheet_is_one_page():
    """Whole, large enough to be read, and where its page on the site says."""
    file = (SITE / SHEET).with_suffix(".pdf")
    article = BeautifulSoup((SITE / SHEET).read_text("utf-8"), "html.parser").article
    assert [link["href"] for link in article.select(".printable a")] == [file.name]
    assert file.read_bytes() == PDF.with_name("cheat-sheet.pdf").read_bytes()
    sheet = PdfReader(file)
    assert len(sheet.pages) == 1
    sizes = []

    def measure(text, matrix, text_matrix, font, size):
        if len(text.split()) > 3:
            sizes.append(size * abs(text_matrix[3]) * abs(matrix[3]))

    text = squeeze(sheet.pages[0].extract_text(visitor_text=measure))
    assert min(sizes) > 5.5, "in points"
    for title in article.select("h2"):
        assert squeeze(title.get_text().removesuffix("#")) in text
    last = article.select("li")[-1].get_text()
    assert squeeze(last)[-40:] in text
