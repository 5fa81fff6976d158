"""Every page, as a reader meets it: wide and narrow, light and dark, served and as a file, with the network cut off."""

import hashlib
import json
import re
import statistics
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from book_math import NPM
from conftest import PAGES, SITE, transfer
from fontTools.ttLib import TTFont

AXE = (NPM / "axe-core/axe.min.js").read_text("utf-8")
COLORS = ", runOnly: ['color-contrast']"
# axe takes its time for each element. Most are letters of formulas, which it passes by, and words of code, of which one
# block in ten keeps its colours.
FEWER = """
    document.querySelectorAll(".katex-html").forEach(it => it.remove());
    document.querySelectorAll("pre").forEach((it, i) => { if (i % 10) it.textContent = it.textContent });
"""
# Width, colours when the page comes, and those that it is switched to.
LOOKS = [(1280, "light", "dark"), (390, "dark", "light")]
CUT_EQUATIONS = """[...document.querySelectorAll("div.math")].filter(it =>
    [...it.querySelectorAll(".base")].some(
        part => part.getBoundingClientRect().left < it.getBoundingClientRect().left - 1
    )
).map(it => it.textContent)"""
# A formula or a name, and the sign after it alone at the beginning of the next line.
ORPHANS = """[...document.querySelectorAll("article :is(span.math, :not(pre) > code)")].filter(it => {
    const after = it.nextSibling
    if (!/^[,.;:!?)]/.test(after?.data ?? "")) return false
    const sign = document.createRange()
    sign.setStart(after, 0)
    sign.setEnd(after, 1)
    return sign.getBoundingClientRect().top > [...it.getClientRects()].at(-1)?.bottom - 4
}).map(it => it.parentElement.textContent)"""
SPACED = """:not(.katex, .katex *) { letter-spacing: 0.12em !important; word-spacing: 0.16em !important;
    line-height: 1.5 !important } p { margin-bottom: 2em !important }"""
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
every_page = pytest.mark.parametrize("path", PAGES)


@every_page
@pytest.mark.parametrize(("width", "scheme", "other"), LOOKS)
def test_look(visit, server, path, width, scheme, other):
    it = visit(width=width, scheme=scheme)
    page = it.go(f"{server}/{path}")
    assert it.strangers() == []
    assert it.faults == []
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert page.evaluate("window.shift") < 0.05, "the page moves while it loads"
    assert broken_images(page) == []
    assert missing_fonts(page) == []
    # axe looks at what is shown: show the folded parts too, and those out of sight.
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "opened, the page scrolls sideways"
    assert page.evaluate(CUT_EQUATIONS) == [], "equations that begin out of sight"
    assert page.evaluate(ORPHANS) == []
    assert faults_for_axe(page) == []
    if width < LOOKS[0][0]:
        page.evaluate("document.querySelector('main').remove()")  # it has the colours that it has on a wide screen
    page.emulate_media(color_scheme=other, reduced_motion="reduce")
    page.wait_for_function("other => document.documentElement.dataset.theme == other", arg=other)
    assert faults_for_axe(page, COLORS) == []


@every_page
def test_narrow_screens(visit, server, path):
    """Also where a reader has spaced the text, as WCAG 1.4.12 has it."""
    page = visit(width=360).go(f"{server}/{path}")
    page.add_style_tag(content="* { content-visibility: visible !important }")
    for style in ("/* as it is */", SPACED):
        page.add_style_tag(content=style)
        for width in (390, 360, 344, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, style)


HEIGHTS = """[...document.querySelectorAll("article section > section")].map(
    it => it.getBoundingClientRect().height / parseFloat(getComputedStyle(it).containIntrinsicHeight.split(" ")[1]))"""


@pytest.mark.parametrize("width", [1280, 390])
def test_the_room_kept_for_a_section_is_about_its_height(visit, server, width):
    """The middle half are off by no more than half of it, so that the scrollbar is right; none is another size."""
    it, ratios = visit(width=width), []
    for path in ("chapters/theory/curse.html", "chapters/practice/checking.html", "chapters/appendix/notation.html"):
        page = it.go(f"{server}/{path}")
        page.add_style_tag(content="* { content-visibility: visible !important }")
        ratios += page.evaluate(HEIGHTS)
    low, high = statistics.quantiles(ratios, n=4)[::2]
    assert low > 1 / 1.5 and high < 1.5
    assert min(ratios) > 1 / 4 and max(ratios) < 4


@pytest.mark.parametrize("path", ["chapters/appendix/notation.html", "chapters/theory/chebyshev.html"])
def test_nothing_moves_when_fonts_are_late(visit, server, path):
    it = visit(width=390)
    it.page.route("**/*.woff2", lambda route: (time.sleep(0.4), route.continue_()))
    page = it.go(f"{server}/{path}")
    assert any(url.endswith(".woff2") for url in it.requests)
    assert page.evaluate("window.shift") < 0.05


FACE = "it => getComputedStyle(it).fontFamily.split(',')[0].replaceAll('\"', '')"
PER_LINE = """it => {
    const one = it.cloneNode()
    one.textContent = it.textContent
    Object.assign(one.style, {display: "inline-block", whiteSpace: "nowrap", maxWidth: "none"})
    it.after(one)
    const width = one.getBoundingClientRect().width
    one.remove()
    return it.textContent.length * it.clientWidth / width
}"""


def test_the_face_of_the_text(visit):
    """It is there, for text alone, with about 68 letters in a line; and nothing of it has the reserved name."""
    it = visit()
    page = it.go((SITE / "chapters/theory/curse.html").as_uri())
    page.evaluate("Promise.all(['', 'italic '].map(it => document.fonts.load(`${it}1em 'Book Serif'`)))")
    assert page.evaluate("['', 'italic '].every(it => document.fonts.check(`${it}1em 'Book Serif'`))")
    assert len([url for url in it.requests if "/type/" in url and "/latin-" in url and "ext" not in url]) == 2
    text = page.locator("article section > p:not(:has(*))").filter(has_text=re.compile(".{150}")).first
    assert text.evaluate(FACE) == "Book Serif"
    assert 64 < text.evaluate(PER_LINE) < 72
    for other in ("h2", "pre", ".admonition.tip p", "details.code > summary"):
        assert page.locator(f"article {other}").first.evaluate(FACE) != "Book Serif"
    fonts = list((SITE / "_static/type").glob("*.woff2"))
    assert fonts and (SITE / "_static/type/OFL.txt").exists()
    for file in fonts:
        assert not any("Source" in str(it) for it in TTFont(file)["name"].names if it.nameID not in (0, 14))


def faults_for_axe(page, options=", rules: {'target-size': {enabled: true}}"):
    page.evaluate(FEWER)
    page.evaluate(AXE)
    found = page.evaluate(f"axe.run(document, {{resultTypes: ['violations'] {options}}}).then(it => it.violations)")
    return [describe(violation) for violation in found]


def describe(violation):
    nodes = [f"{node['target']} {node['html'][:150]}" for node in violation["nodes"]]
    return f"{violation['id']} ({violation['impact']}), {len(nodes)} times: " + "; ".join(nodes[:4])


@every_page
def test_file(visit, path):
    """Opened from a folder: nothing is missing, and what a server would send is not much."""
    it = visit()
    page = it.go((SITE / path).as_uri())
    check_content(page)
    check_weight(it)
    assert broken_images(page) == []
    assert missing_fonts(page) == []
    assert [url for url in it.requests if not url.startswith(("file:", "data:"))] == []
    assert it.faults == []


def check_content(page):
    images = page.evaluate(
        "[...document.querySelectorAll('main img:not(.second, .first-picture, .hero img)')]"
        ".map(it => [it.alt, it.getAttribute('width'), it.getAttribute('height')])"
    )
    for alt, width, height in images:
        assert len(alt) > 30, f"not what a curve does: {alt!r}"
        assert not re.search(r"\.(svg|png|jpe?g|gif)$", alt), f"a file's name is no alternative text: {alt!r}"
        assert width, "without a width the page moves while it loads"
        assert height, "without a height the page moves while it loads"
    text = page.evaluate(
        "(() => { const copy = document.querySelector('main').cloneNode(true);"
        "copy.querySelectorAll('pre, code, annotation').forEach(it => it.remove()); return copy.textContent })()"
    )
    assert re.findall(r"\$[^$\n]{1,60}\$|\\[a-zA-Z]{2,}\b|\\[\[\]()]", text) == [], "raw TeX"
    assert page.locator(".katex-error, .math:not(:has(.katex)), span.problematic, .system-message").count() == 0
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title()
    assert 20 < len(page.evaluate("document.querySelector('meta[name=description]').content")) <= 170
    assert page.locator("meta[name=description]").count() == page.locator("meta[name=viewport]").count() == 1


def broken_images(page):
    page.evaluate("document.querySelectorAll('img').forEach(it => { it.loading = 'eager' })")
    return page.evaluate(
        "Promise.all([...document.images].map(it => it.decode().then(() => null, () => it.src)))"
        ".then(all => all.filter(it => it))"
    )


def missing_fonts(page):
    """Of those that the site brings; of the others the machine may have one or the other."""
    missing = page.evaluate("[...document.fonts].filter(it => it.status == 'error').map(it => it.family)")
    return [it for it in missing if not it.startswith("Fitted")]


def check_weight(it):
    """What a first visit downloads, compressed as by any static host; figures and fonts too."""

    def sizes():
        files = {unquote(urlsplit(url).path) for url in it.requests if url.startswith("file:")}
        return {file: len(transfer(file)[0]) for file in files}

    assert sum(sizes().values()) <= 300_000, ("before a reader scrolls", sizes())
    figures = it.page.locator(".interactive").all()
    for figure in figures:  # sections on the way grow when they come into sight, and push it away
        it.page.wait_for_function("it => it.numbers || void it.scrollIntoView()", arg=figure.element_handle())
    it.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    it.page.wait_for_timeout(200)
    assert sum(sizes().values()) <= 500_000, sizes()
    live = [file for file in sizes() if file.endswith(("/interactive.js", "/runs.js", "/distillation.js"))]
    assert bool(live) == bool(figures), "what makes figures live is loaded where it is needed"
    assert [url for url in it.requests if re.search(r"\.(css|js)$", url)] == [], "without a digest of what it holds"


def test_nothing_points_elsewhere():
    """No page, style or script loads from another host, whether or not a browser gets to it."""
    loads = re.compile(
        r"""(?:src|srcset)=["']?(?:https?:)?//|<link[^>]*href=["']?(?:https?:)?//"""
        r"""|url\(["']?(?:https?:)?//|@import ["']?(?:https?:)?//|import\(["']http"""
    )
    canonical = re.compile(r'<link rel="canonical"[^>]*>')
    found = []
    for file in SITE.rglob("*"):
        if file.suffix in (".html", ".css"):
            text = canonical.sub("", file.read_text("utf-8"))
            found += [f"{file.relative_to(SITE)}: {text[it.start() : it.end() + 60]}" for it in loads.finditer(text)]
    assert found == []


def test_styles_and_scripts_are_named_by_what_they_hold():
    """So no reader gets an old one from a cache."""
    right, wrong = 0, []
    for file in SITE.rglob("*.html"):
        for link in re.findall(r'"([^":\s]+\.(?:css|js)(?:\?[^"]*)?)"', file.read_text("utf-8")):
            name, _, digest = link.partition("?v=")
            target = SITE / name[1:] if name.startswith("/") else file.parent / name  # 404.html is found anywhere
            if digest == hashlib.sha256(target.read_bytes()).hexdigest()[:8]:
                right += 1
            else:
                wrong.append(f"{file.relative_to(SITE)}: {link}")
    assert wrong == []
    assert right > 2 * len(PAGES)


def test_every_link_leads_somewhere():
    """Links between pages, to their parts, and to states of their interactive figures."""
    ids, missing = {}, []
    for file in SITE.rglob("*.html"):
        text = file.read_text("utf-8")
        ids[file.resolve()] = {*re.findall(r'\bid="([^"]+)"', text), *re.findall(r'\bdata-figure="([^"]+)"', text)}
    for file in SITE.rglob("*.html"):
        if file.name == "404.html":
            continue
        for link in re.findall(r'\b(?:href|src)="([^"]+)"', file.read_text("utf-8")):
            parts = urlsplit(link.replace("&amp;", "&"))
            if parts.scheme:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file.resolve()
            place = parts.fragment.partition("?")[0]
            there = target.exists() and (not place or target not in ids or place in ids[target])
            if not there and not (target in ids and place.startswith("search-")):
                missing.append(f"{file.relative_to(SITE)} -> {link}")
    assert missing == []


def test_descriptions_differ():
    descriptions = {}
    for path in CHAPTERS:
        description = re.search("<meta content=(.*) name=.description.", (SITE / path).read_text("utf-8"))[1]
        descriptions.setdefault(description, []).append(path)
    assert [pages for pages in descriptions.values() if len(pages) > 1] == []


def test_notebooks_can_be_downloaded():
    for path in CHAPTERS:
        links = re.findall(r'href="([^"]*\.ipynb)"', (SITE / path).read_text("utf-8"))
        source = Path(path).with_suffix(".ipynb")
        if (SITE / "_sources" / source).exists():
            file = (SITE / path).parent / links[0]
            assert json.loads(file.read_text("utf-8"))["cells"]
