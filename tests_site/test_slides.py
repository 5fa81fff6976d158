"""The decks, in a real browser, from files: each slide fits and can be read, live figures are alive, print has all.

And what the maker of slides refuses. `make slides` writes the decks to _build/course/slides.
"""

import re
import tomllib
from functools import cache
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import slides
from bs4 import BeautifulSoup
from conftest import ROOT, SITE
from pypdf import PdfReader
from test_pages import faults_for_axe

FOLDER = ROOT / "_build/course/slides"
SESSIONS = tomllib.loads((ROOT / "course/course.toml").read_text("utf-8"))["session"]
DECKS = [it["deck"] for it in SESSIONS]
every_deck = pytest.mark.parametrize("deck", DECKS)
FROM_FILES = ", preload: false"  # for axe: it would ask for the styles
SMALLEST = 18  # pixels of a slide of 1280 x 720

# What hangs out of a slide, lies over its heading or is cut off, and words that are too small; charts' words too.
LOOK = """() => {
    const slide = document.querySelector(".slides section.present");
    const stage = slide.getBoundingClientRect(), k = stage.width / 1280;
    const body = slide.querySelector(".body"), heading = slide.querySelector("h1, h2");
    const [out, small, pictures] = [[], [], []];
    const name = it => `${it.tagName} ${it.getAttribute("class") ?? ""} ${it.textContent.trim().slice(0, 40)}`;
    const range = document.createRange();
    range.selectNodeContents(heading);
    const title = range.getBoundingClientRect();
    for (const it of slide.querySelectorAll("*")) {
        if (it.closest("aside.notes, .katex-mathml, .unseen")) continue;
        if (it.closest(".katex") && !it.matches(".katex, .katex-html > .base")) continue;
        const box = it.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        const inside = box.left > stage.left + 8 * k && box.right < stage.right - 8 * k && box.top >= stage.top;
        if (!it.closest("svg") && !(inside && box.bottom < stage.bottom - 8 * k)) out.push(name(it));
        if (it.matches("pre, .body, td, p") && it.scrollWidth > it.clientWidth + 1) out.push(`cut off: ${name(it)}`);
        if (it.matches("pre, .body") && it.scrollHeight > it.clientHeight + 2) out.push(`too high: ${name(it)}`);
        const over = box.top < title.bottom - 3 * k && box.bottom > title.top && box.left < title.right;
        if (body.contains(it) && it !== body && over) out.push(`over the heading: ${name(it)}`);
        if (it.matches("img")) {
            const scale = Math.min(box.width / it.naturalWidth, box.height / it.naturalHeight) / k;
            pictures.push([it.getAttribute("src"), it.naturalWidth * scale]);
        }
        const words = [...it.childNodes].some(part => part.nodeType === 3 && part.textContent.trim());
        if (!words && !it.matches("select, .katex") || it.matches("sub, sup, option, .katex *")) continue;
        const large = it.closest(".stage");
        const factor = large ? large.getBoundingClientRect().width / large.offsetWidth / k : 1;
        const size = parseFloat(getComputedStyle(it).fontSize) * factor;
        if (size < 17.99) small.push(`${size.toFixed(1)} ${name(it)}`);
    }
    const notes = slide.querySelectorAll("aside.notes").length;
    return { out, small, pictures, notes, title: heading.textContent };
}"""


@cache
def smallest_letters(file):
    """Of a picture: the smallest letters, as a part of its width; those raised or lowered do not count."""
    drawing = (FOLDER / unquote(file)).read_text("utf-8")
    width = float(re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+)', drawing)[1])
    glyphs = re.findall(r"scale\((0?\.\d+) -", drawing)  # Matplotlib draws them at a size of 100
    sizes = [100 * float(it) for it in glyphs] + [
        float(it) for it in re.findall(r"\bfont(?:-size)?: ?([\d.]+)px", drawing)
    ]
    return min(sizes) / width


def address(deck, query=""):
    file = FOLDER / f"{deck}.html"
    assert file.exists(), "there are no slides to test: make slides"
    return file.as_uri() + query


def show(page, number):
    page.evaluate("number => Reveal.slide(number)", number)
    page.wait_for_function("number => Reveal.getIndices().h === number", arg=number)
    if page.query_selector(".present .interactive"):
        page.wait_for_function("document.querySelector('.present .interactive').numbers")


def start(visit, deck, size=(1280, 720), query=""):
    it = visit()
    it.page.set_viewport_size({"width": size[0], "height": size[1]})
    page = it.go(address(deck, query))
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    return it, page


def look_at_all(page):
    """What is wrong on each slide, by its title."""
    wrong = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        show(page, number)
        page.wait_for_timeout(20)
        wrong += faults_of(page.evaluate(LOOK))
    return wrong


def faults_of(seen):
    small = [f"{file}: letters of {smallest_letters(file) * width:.1f} pixels" for file, width in seen["pictures"]
             if smallest_letters(file) * width < SMALLEST - 0.01]  # fmt: skip
    notes = [] if seen["notes"] == 1 else ["notes, once"]
    return [f"{seen['title']}: {it}" for it in (*seen["out"], *seen["small"], *small, *notes)]


@every_deck
def test_every_slide_fits_and_can_be_read(visit, deck):
    """... without the network, without a word on the console; and as large as the window, or letterboxed."""
    it, page = start(visit, deck)
    assert look_at_all(page) == []
    for width, height in ((1920, 1080), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
        assert look_at_all(page) == []
    assert [url for url in it.requests if not url.startswith(("file:", "data:", "blob:"))] == []
    assert it.faults == []


def test_what_is_wrong_is_found(visit):
    """The look of the test above sees what it is for."""
    it, page = start(visit, DECKS[4])
    for number, change, found in (
        (2, "body.insertAdjacentHTML('beforeend', '<div style=\"height: 900px\">x</div>')", "too high"),
        (3, "body.insertAdjacentHTML('beforeend', '<p style=\"width: 2000px\">x</p>')", " P  x"),
        (4, "body.querySelector('pre').style.fontSize = '17px'", "17.0 PRE"),
        (3, "body.querySelector('img').style.flex = '0 0 200px'", "letters of"),
        (5, "body.querySelector('.proof').style.marginTop = '-400px'", "over the heading"),
        (5, "slide.querySelector('aside').remove()", "notes"),
        (4, "body.querySelector('pre').style.width = '300px'", "cut off"),
    ):
        show(page, number)
        page.evaluate(f"""() => {{
            const slide = document.querySelector("section.present"), body = slide.querySelector(".body");
            {change};
        }}""")
        assert any(found in fault for fault in faults_of(page.evaluate(LOOK))), found
    page.evaluate("fetch('https://example.org/').catch(() => 0)")
    page.wait_for_timeout(100)
    assert it.strangers() and it.faults


@every_deck
def test_notes(deck):
    """For the speaker's window, which has no style: formulas are MathML; minutes say when."""
    page = BeautifulSoup(address_text(deck), "html.parser")
    spent = 0
    for slide in page.select("section"):
        notes, minutes = slide.select_one("aside.notes"), int(slide["data-timing"]) // 60
        assert not notes.select(".katex, annotation")
        assert notes.get_text().startswith(f"{minutes} minutes, from {spent // 60}:{spent % 60:02} to ")
        assert len(notes.get_text().split()) > 8
        spent += minutes
    assert spent == 90
    assert page.select("aside.notes math")


def test_speakers_window(visit):
    it, page = start(visit, DECKS[4])
    show(page, 7)
    with it.context.expect_page() as opened:
        page.keyboard.press("s")
    window = opened.value
    window.wait_for_selector(".speaker-controls-notes math")
    assert "minutes, from 0:" in window.locator(".speaker-controls-notes").inner_text()
    assert window.locator(".pacing").is_visible()
    window.keyboard.press("ArrowRight")
    page.wait_for_function("Reveal.getIndices().h === 8")
    assert it.faults == []


def test_overview(visit):
    _, page = start(visit, DECKS[4])
    page.keyboard.press("Escape")
    page.wait_for_selector(".reveal.overview")
    assert sum(it.is_visible() for it in page.locator(".slides > section").all()) > 2


def address_text(deck):
    return (FOLDER / f"{deck}.html").read_text("utf-8")


@every_deck
def test_links_lead_somewhere(deck):
    for name in (f"{deck}.html", "index.html"):
        base = (FOLDER / name).as_uri()
        for link in BeautifulSoup((FOLDER / name).read_text("utf-8"), "html.parser").select("a[href]"):
            url, label = urldefrag(urljoin(base, link["href"]))
            file = SITE.__class__(unquote(urlsplit(url).path))
            assert file.is_file(), link
            assert not label or f'id="{label}"' in contents(file), link


@cache
def contents(file):
    return file.read_text("utf-8")


@every_deck
def test_print(visit, deck, tmp_path):
    """One page for each slide, nothing hangs out, still pictures in the place of live figures; axe finds nothing."""
    it, page = start(visit, deck, query="?view=print")
    page.wait_for_selector(".pdf-page")
    page.wait_for_timeout(300)
    slides_of = BeautifulSoup(address_text(deck), "html.parser").select("section")
    assert page.locator(".pdf-page").count() == len(slides_of)
    outside = page.evaluate("""[...document.querySelectorAll(".pdf-page")].flatMap(sheet => {
        const { right, bottom } = sheet.getBoundingClientRect();
        const out = box => box.width && (box.right > right || box.bottom > bottom);
        return [...sheet.querySelectorAll(".body *:not(.katex-mathml, .katex *, .unseen)")]
            .filter(it => out(it.getBoundingClientRect())).map(it => it.outerHTML.slice(0, 80));
    })""")
    assert outside == []
    assert page.locator("[data-figure]").count() == address_text(deck).count("data-figure")
    for figure in page.locator("[data-figure]").all():
        box = figure.locator("img").bounding_box()
        assert box["width"] > 1000 and box["height"] > 300
        assert not figure.locator("svg").count()
    assert faults_for_axe(page, FROM_FILES) == []
    page.pdf(path=tmp_path / "deck.pdf", prefer_css_page_size=True)
    pages = PdfReader(tmp_path / "deck.pdf").pages
    assert len(pages) == len(slides_of)
    for sheet, slide in zip(pages, slides_of, strict=True):
        assert slide.select_one("h1, h2").get_text().split()[0] in sheet.extract_text()
    assert it.faults == []


LIVE = [
    (deck, number)
    for deck in DECKS
    if (FOLDER / f"{deck}.html").exists()
    for number, slide in enumerate(re.split("<section", address_text(deck))[1:])
    if 'class="interactive"' in slide
]


@pytest.mark.parametrize("deck, number", LIVE)
def test_live_figures(visit, deck, number):
    """Their keys do not move the deck, a clicker's do; the pointer is found although the slide is enlarged."""
    it, page = start(visit, deck, size=(1920, 1080))
    show(page, number)
    figure = page.locator(".present .interactive")
    assert not figure.locator("img").first.is_visible()
    here = "Reveal.getIndices().h"
    for control in figure.locator("input, select").all():
        before = figure.evaluate("it => it.state")
        control.press(" " if control.get_attribute("type") == "checkbox" else "ArrowUp")
        key = control.get_attribute("name")
        page.wait_for_function(
            "([it, key, value]) => it.state[key] != value", arg=[figure.element_handle(), key, before[key]]
        )
    figure.get_by_role("button", name="Reset").press(" ")
    assert page.evaluate(here) == number
    for plot in figure.locator("svg.dragged").all():
        box = plot.bounding_box()
        for part in (0.15, 0.3):  # kappa is at most 0.32
            x = box["x"] + part * box["width"]
            page.mouse.click(x, box["y"] + box["height"] / 2)
            page.wait_for_timeout(100)
            assert min(abs(mark - x) for mark in plot.evaluate(POINTED)) < 0.03 * box["width"]
    assert faults_for_axe(page, FROM_FILES) == []
    figure.locator("input").first.focus()
    page.keyboard.press("PageDown")
    page.wait_for_function(f"{here} === {number} + 1")
    assert it.faults == []


# Where the marks are that follow the pointer, in pixels of the window: uprights, and the edge of the shaded band.
POINTED = """svg => [...svg.querySelectorAll("line.now, line.here, rect.band")].filter(it => it.style.display != "none")
    .map(it => it.getBoundingClientRect().left)"""


@every_deck
def test_polls(visit, deck):
    """The right answer looks like the others until the next key."""
    _, page = start(visit, deck)
    seen = 0
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        if not page.evaluate("number => Boolean(Reveal.getSlide(number).querySelector('.poll'))", number):
            continue
        show(page, number)
        color = ".map(it => getComputedStyle(it).color)"
        looks = f"[...document.querySelectorAll('.present .poll li')]{color}"
        assert len(set(page.evaluate(looks))) == 1
        page.keyboard.press("ArrowRight")
        assert page.evaluate("Reveal.getIndices().h") == number
        colors = page.evaluate(looks)
        right = page.evaluate(
            "[...document.querySelectorAll('.present .poll li')].findIndex(it => it.matches('.right'))"
        )
        assert len(set(colors)) == 2 and colors.count(colors[right]) == 1
        seen += 1
    assert seen >= 1


# What the maker refuses


@pytest.fixture(scope="module")
def book():
    return slides.Book(SITE, "../../html")


def test_each_aim_is_practised(book):
    """In class and at home, asked in a quiz and in the exam; and the book has all of it."""
    for session in SESSIONS:
        assert all(map(book.page, session["chapters"]))
        for aim in session["objectives"]:
            assert all(aim[kind] for kind in ("class", "homework", "quiz", "exam")), aim["id"]
            assert all(map(book.box, aim["class"] + aim["homework"])) and all(map(book.quiz, aim["quiz"]))


NOTES = "\n```{notes}\nSay a word or two, and ask.\n```\n"


def made(book, tmp_path, source):
    session = SESSIONS[4]
    return list(slides.Deck(book, session, SESSIONS, tmp_path).slides(source))


def test_a_slide_takes_what_the_book_has(book, tmp_path):
    (slide,) = made(book, tmp_path, "## Peak {2}\n\nAt {says}`curse-07 50`, {prf:ref}`curse-burn-in`." + NOTES)
    assert "<b>50</b>" in slide and 'data-timing="120"' in slide and "#curse-burn-in" in slide


def test_a_quiz_is_a_poll(book, tmp_path):
    (slide,) = made(book, tmp_path, "## Collect {3}\n\n```{quiz} curse-quiz-half\n```\n" + NOTES)
    slide = BeautifulSoup(slide, "html.parser")
    answers, reasons = slide.select(".body .poll li"), slide.select("aside.notes ol li")
    assert len(answers) == len(reasons) >= 3
    assert [it["class"] for it in answers].count(["fragment", "custom", "right"]) == 1
    assert all(link["href"].startswith("../../html/chapters/") for link in slide.select("a"))


@pytest.mark.parametrize(
    "body, message",
    [
        ("```{picture} curse-0\n```", "no cell has the id"),
        ("```{picture} curse-07\n```", "has no output image/svg"),
        ("```{live} curse-02\n```", "has no output application/vnd.unrolling"),
        ("```{printed} curse-06\n```", "prints nothing"),
        ("```{code} curse-none\n```", "no cell has the id"),
        ("```{statement} curse-none\n```", "has the label curse-none"),
        ("```{statement} summary\n```", "no statement or exercise"),
        ("```{equation} curse-burn-in\n```", "has the label equation-curse-burn-in"),
        ("```{section} curses summary\n```", "no chapter curses"),
        ("```{quiz} curse-quiz-none\n```", "no chapter has a quiz"),
        ("```{film} curse\n```", "no directive film"),
        ("{says}`curse-07 51`", "does not print 51"),
        ("{says}`curse-07 36.7`", "does not print 36.7"),
        ("{eq}`curse-none`", "has the label curse-none"),
        ("{cite}`someone`", "no role cite"),
        ("The peak is at 36.79 times.", "36.79 is typed"),
        ("It takes 325 steps.", "325 is typed"),
        ("word " * 46, "46 words"),
        ("$\\frac$", "KaTeX parse error"),
        ("```{poll}\n- [ ] one\n- [ ] two\n```", "one right answer"),
        ("```{printed} curse-36\n```\n```{code} curse-04\n```", "do not fit a slide"),
    ],
)
def test_refusals(book, tmp_path, body, message):
    with pytest.raises((LookupError, ValueError), match=re.escape(message)):
        made(book, tmp_path, f"## Title {{2}}\n\n{body}\n{NOTES}")


@pytest.mark.parametrize(
    "source, message",
    [
        ("## Title {2}\n\nwords", "needs notes"),
        ("## Title\n" + NOTES, "{minutes}"),
        ("# Another title {2}\n" + NOTES, "the session's title is"),
        ("words\n\n## Title {2}\n" + NOTES, "before the first heading"),
    ],
)
def test_every_slide_has_notes_and_minutes(book, tmp_path, source, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        made(book, tmp_path, source)


@pytest.mark.parametrize(
    "old, new, message",
    [
        (" {12}\n", " {11}\n", "the slides take 89 minutes, not 90"),
        ("```{exercise} curse-exercise-scalar\n```", "", "no slide shows the session's exercise curse-exercise-scalar"),
    ],
)
def test_a_deck_is_the_sessions_plan(book, tmp_path, old, new, message):
    source = (ROOT / "course/slides/5-curse.md").read_text("utf-8")
    assert old in source
    deck = slides.Deck(book, SESSIONS[4], SESSIONS, tmp_path)
    with pytest.raises((LookupError, ValueError), match=message):
        deck.whole(source.replace(old, new, 1))
