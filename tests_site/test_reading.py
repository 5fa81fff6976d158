"""What a reader does: searches, folds, switches to dark, goes by keyboard, gets lost, prints."""

import io
import itertools
import json
import re
import zipfile
from importlib import metadata

import pytest
from bs4 import BeautifulSoup
from conftest import PAGES, SITE
from plain import RAW

LANDING = "chapters/index.html"
CHAPTER = "chapters/theory/gradient-descent.html"
COLOR = "(it, property) => getComputedStyle(it)[property]"


def found(page):
    """Where the results of a search lead to, best first; they come one by one."""
    page.get_by_text("Search finished").wait_for(timeout=15000)
    return [it.get_attribute("href") for it in page.locator("#search-results .search li > a").all()]


@pytest.mark.parametrize("served", [True, False], ids=["served", "file"])
def test_search(visit, server, served):
    it = visit()
    page = it.go(f"{server}/{LANDING}" if served else (SITE / LANDING).as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("Frobenius")
    page.keyboard.press("Enter")
    assert any("notation" in it for it in found(page))
    assert it.faults == []


def test_a_name_is_found_as_other_keyboards_write_it(visit, server):
    for query in ("Koehler", "Kohler", "Köhler"):
        assert found(visit().go(f"{server}/search.html?q={query}"))


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("gradient descent", "theory/gradient-descent"),
        ("Chebyshev", "theory/chebyshev"),
        ("curse", "theory/curse"),
        ("implicit differentiation", "foundations/implicit-differentiation"),
    ],
)
def test_a_page_with_the_words_in_its_title_comes_first(visit, server, query, page):
    """Not a glossary, a function of this name, or a page that comes before it in the alphabet."""
    assert found(visit().go(f"{server}/search.html?q={query}"))[0] == f"chapters/{page}.html"


def test_escape_closes_the_search(visit, server):
    page = visit().go(f"{server}/{LANDING}")
    page.keyboard.press("Control+k")
    page.locator("dialog[open] input").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('dialog[open]')", timeout=5000)


def test_one_search_bar(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    fields = [field for field in page.locator("input[type=search], .search-button-field").all() if field.is_visible()]
    assert len(fields) == 1


def test_theme_switch_lasts(visit, server):
    it = visit(scheme="light")
    page = it.go(f"{server}/{CHAPTER}")
    figure = page.locator(".cell_output img").first
    figure.scroll_into_view_if_needed()
    light = figure.screenshot()
    button = page.locator(".theme-switch-button").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.wait_for_timeout(300)
    assert button.get_attribute("aria-label") == "Colours: dark"
    assert figure.screenshot() != light, "the figure does not follow"
    page.goto(f"{server}/{LANDING}")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_formulas_can_be_read(visit, server, scheme):
    """On the page and in a box, by WCAG's measure; axe looks at no single letters."""
    page = visit(scheme=scheme).go(f"{server}/{CHAPTER}")
    ink = [page.locator(f".katex .{name}").first.evaluate(COLOR, "color") for name in ("polynomial", "derivative")]
    paper = [page.locator(name).first.evaluate(COLOR, "backgroundColor") for name in ("body", ".bd-article pre")]
    assert len({*ink, *paper}) == 4
    ratios = [
        (max(pair) + 0.05) / (min(pair) + 0.05)
        for pair in itertools.product(map(luminance, ink), map(luminance, paper))
    ]
    assert min(ratios) >= 4.5


def luminance(color):
    channels = (int(it) / 255 for it in re.findall(r"\d+", color)[:3])
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_proofs_fold_by_keyboard(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    proof = page.locator("details.dropdown").first
    inside = proof.locator("p").nth(0)
    assert not inside.is_visible()
    proof.locator("summary").focus()
    page.keyboard.press("Enter")
    assert inside.is_visible()


def test_folded_parts_are_printed(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    page.emulate_media(media="print")
    for part in page.locator("details").all():
        assert part.evaluate("it => it.scrollHeight > it.querySelector('summary').offsetHeight + 10")


def test_paper_is_white(visit, server):
    page = visit(scheme="dark").go(f"{server}/{CHAPTER}")
    page.evaluate(
        "addEventListener('beforeprint', () => { window.printed = ['color', 'backgroundColor']"
        ".map(it => getComputedStyle(document.querySelector('article p'))[it] + getComputedStyle(document.body)[it]) })"
    )
    page.pdf()
    dark = page.evaluate("window.printed")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark", "it does not come back"
    page = visit(scheme="light").go(f"{server}/{CHAPTER}")
    light = page.evaluate(
        "['color', 'backgroundColor']"
        ".map(it => getComputedStyle(document.querySelector('article p'))[it] + getComputedStyle(document.body)[it])"
    )
    assert dark == light


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_that_is_loaded_again_keeps_its_place(visit, server, width):
    page = visit(width=width).go(f"{server}/chapters/theory/chebyshev.html")
    under_the_eye = "() => document.elementFromPoint(innerWidth / 3, innerHeight / 2).textContent"
    for _ in range(12):
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(60)
    page.wait_for_timeout(300)
    before = page.evaluate(under_the_eye)
    page.reload(wait_until="load")
    page.wait_for_timeout(500)
    assert page.evaluate(under_the_eye) == before
    page.goto(f"{server}/{LANDING}")
    page.go_back(wait_until="load")
    page.wait_for_timeout(500)
    assert page.evaluate(under_the_eye) == before


@pytest.mark.parametrize("width", [360, 1280])
def test_two_panels_stand_one_above_the_other_on_a_phone(visit, server, width):
    page = visit(width=width).go(f"{server}/chapters/theory/curse.html")
    first, second = (page.locator("img.panels").nth(i) for i in (0, 1))
    first.scroll_into_view_if_needed()
    if width > 719:
        assert first.is_visible() and not second.is_visible()
        return
    top, bottom = first.bounding_box(), second.bounding_box()
    assert bottom["y"] >= top["y"] + top["height"] and bottom["x"] == top["x"]
    assert top["x"] >= 0 and top["x"] + top["width"] <= width and top["width"] == bottom["width"] > 300
    second.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    assert first.screenshot() != second.screenshot(), "it shows the same panel"


def test_the_notebook_button_downloads(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    page.locator(".dropdown-download-buttons button").first.click()
    with page.expect_download(timeout=5000) as download:
        page.locator(".btn-download-source-button").click()
    assert json.loads(download.value.path().read_text("utf-8"))["cells"]


@pytest.mark.parametrize("width", [320, 1280])
def test_a_menu_of_the_header(visit, width):
    page = visit(width=width).go((SITE / CHAPTER).as_uri())
    button = page.locator(".dropdown-download-buttons button").first
    menu = page.locator(".dropdown-download-buttons .dropdown-menu")
    assert not menu.is_visible()
    button.press("Enter")
    assert menu.is_visible()
    above, box = button.bounding_box(), menu.bounding_box()
    assert above["y"] + above["height"] <= box["y"] + 1 and 0 <= box["x"] <= width - box["width"]
    button.press("Escape")
    assert not menu.is_visible() and button.evaluate("it => it === document.activeElement")


def test_a_page_works_where_storage_is_refused(visit, server):
    it = visit(scheme="light")
    for name in ("localStorage", "sessionStorage"):
        it.page.add_init_script(
            f"Object.defineProperty(window, '{name}', {{ configurable: true,"
            "get() { throw new DOMException('refused', 'SecurityError') } })"
        )
    page = it.go(f"{server}/{CHAPTER}")
    assert it.faults == []
    page.locator(".theme-switch-button").first.click()
    page.wait_for_function("document.documentElement.dataset.theme == 'dark'", timeout=5000)
    page.keyboard.press("Control+k")
    page.locator("dialog[open] input").wait_for(timeout=5000)


def test_what_is_copied(visit, server):
    """Of a formula its TeX, once; of an example what one types, without prompts and results."""
    it = visit(permissions=["clipboard-read", "clipboard-write"])
    page = it.go(f"{server}/{CHAPTER}")
    page.locator("article p:has(.katex)").first.evaluate("it => getSelection().selectAllChildren(it)")
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "$" in copied and not re.search("[\U0001d400-\U0001d7ff]", copied) and "\n" not in copied
    page.goto(f"{server}/chapters/appendix/api.html")
    page.locator("div.highlight:has(.gp) .copybtn").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "import jax" in copied and ">>>" not in copied and "..." not in copied and "100.5" not in copied


def test_without_scripts(browser, server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server}/{CHAPTER}")
    page.locator("details.dropdown summary").first.click()
    assert page.locator("details.dropdown p").first.is_visible()
    assert page.locator(".katex").first.is_visible()
    context.close()


def test_menu_by_keyboard_on_a_phone(visit, server):
    page = visit(width=390).go(f"{server}/{CHAPTER}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main-content", "the skip link comes first"
    for _ in range(8):
        page.keyboard.press("Tab")
        if "primary-toggle" in page.evaluate("document.activeElement.className"):
            break
    page.keyboard.press("Enter")
    link = page.locator("#pst-primary-sidebar-modal a", has_text="Notation")
    link.wait_for(state="visible", timeout=5000)
    page.keyboard.press("Escape")
    link.wait_for(state="hidden", timeout=5000)
    page.wait_for_function("document.activeElement.matches('.primary-toggle')", timeout=5000)  # back to where one was


def test_focus_is_seen(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    for _ in range(12):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            "return s.outlineStyle != 'none' || s.boxShadow != 'none' })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_preview_of_a_reference(visit, server):
    it = visit()
    page = it.go(f"{server}/{CHAPTER}")
    page.locator("main p a[href='#equation-gradient-descent-bound']:visible").first.hover()
    preview = page.locator(".tippy-content")
    preview.wait_for(timeout=5000)
    assert preview.locator(".katex").count() > 0
    assert it.faults == []


def test_copy_button(visit, server):
    page = visit().go(f"{server}/{CHAPTER}")
    assert page.locator("button.copybtn:has(svg > title)").count() == page.locator("button.copybtn").count() > 5


def test_icons_are_there(visit, server):
    """Every icon has a shape: its character is in the font that is left."""
    page = visit().go(f"{server}/{CHAPTER}")
    blank = page.evaluate(
        """document.fonts.ready.then(async () => {
            await document.fonts.load('900 16px "Font Awesome 6 Free"', '\\uf0c9')
            const width = character => {
                const canvas = document.createElement('canvas').getContext('2d')
                canvas.font = '900 100px "Font Awesome 6 Free", "Adobe Blank"'
                canvas.fillText(character, 0, 100)
                return [...canvas.getImageData(0, 0, 150, 150).data].join()
            }
            const missing = width('\\ue999')
            return [...document.querySelectorAll('[class*="fa-"]')].filter(it => {
                const content = getComputedStyle(it, '::before').content
                return content == 'none' || width(content.slice(1, -1)) == missing
            }).map(it => it.className)
        })"""
    )
    assert blank == []


@pytest.mark.parametrize("address", ["no-such-page.html", "chapters/theory/no-such-page.html"])
def test_lost(visit, server, address):
    it = visit()
    page = it.go(f"{server}/{address}")
    it.faults = [fault for fault in it.faults if address not in fault and "404" not in fault]
    assert it.faults == []
    assert "not found" in page.locator("article h1").inner_text().lower()
    assert page.evaluate("getComputedStyle(document.querySelector('.bd-main')).display") != "block"
    page.locator("a", has_text="Gradient descent").first.click()
    page.wait_for_url(f"{server}/{CHAPTER}")


def test_colophon():
    text = (SITE / "chapters/appendix/colophon.html").read_text("utf-8")
    assert f"jax {metadata.version('jax')}, " in text


def test_no_repository_no_buttons():
    for path in PAGES:
        text = (SITE / path).read_text("utf-8")
        assert "mybinder.org" not in text, path
        assert "colab.research" not in text, path
        assert 'rel="canonical"' not in text, path


def test_every_notebook_says_how_to_run_it():
    for path in PAGES:
        text, folder = (SITE / path).read_text("utf-8"), (SITE / path).parent
        links = re.findall(
            'href="([^"]*)"', "".join(re.findall('<section class="run-it".*?</section>', text, re.DOTALL))
        )
        if (SITE / "_sources" / path).with_suffix(".ipynb").exists():
            notebook, wheel = links
            assert 'href="#run-this-page"' in text
            assert json.loads((folder / notebook).read_text("utf-8"))["cells"] and (folder / wheel).is_file()
        else:
            assert len(links) == path.endswith("api.html") and 'href="#run-this-page"' not in text


def test_notebooks_to_download_are_in_plain_words_with_the_numbers_of_the_pages():
    """Statements, exercises and formulas are called as on their page, and nothing of MyST is left."""
    numbered = re.compile(r"^> \*\*((?:[A-Z][a-z]+) \d+\.\d+)|\\tag\{([\d.]+)\}", re.MULTILINE)
    found = 0
    for path in (SITE / "_sources").rglob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        text = "\n".join(it["source"] for it in cells if it["cell_type"] == "markdown")
        assert not RAW.search(text), path
        page = (SITE / path.relative_to(SITE / "_sources")).with_suffix(".html")
        said = BeautifulSoup(page.read_text("utf-8"), "html.parser").get_text(" ")
        said = " ".join(said.split())
        for name, tag in numbered.findall(text):
            assert (name or f"({tag})") in said, (path, name or tag)
            found += 1
    assert found > 200


def test_the_line_that_installs_is_whole(visit, server):
    """Its address is good anywhere, and the library is there."""
    page = visit().go(f"{server}/{CHAPTER}")
    line = page.locator(".run-it pre").inner_text().strip()
    address = re.fullmatch(r'python -m pip install jupyterlab "unrolling\[book\] @ (.*)"', line)[1]
    assert address.startswith(f"{server}/unrolling-")
    wheel = zipfile.ZipFile(io.BytesIO(page.request.get(address).body()))
    assert {"unrolling/__init__.py", "unrolling/book/figures.py"} <= set(wheel.namelist())
    assert not page.emulate_media(media="print") and not page.locator(".run-it").is_visible()


def test_root_leads_to_the_book(visit, server):
    page = visit().page
    page.goto(f"{server}/")
    page.wait_for_url(f"{server}/{LANDING}")
