"""Every page, as a reader meets it: wide and narrow, light and dark, served and as a file, with the network cut off."""

import json
import re
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from conftest import NPM, PAGES, SITE, transfer

AXE = (NPM / "axe-core/axe.min.js").read_text("utf-8")
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
CUT_EQUATIONS = """[...document.querySelectorAll("div.math")].filter(it =>
    [...it.querySelectorAll(".base")].some(
        part => part.getBoundingClientRect().left < it.getBoundingClientRect().left - 1
    )
).map(it => it.textContent)"""
CHAPTERS = [page for page in PAGES if page.startswith("chapters/")]
every_page = pytest.mark.parametrize("path", PAGES)


@every_page
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_look(visit, server, path, width, scheme):
    it = visit(width=width, scheme=scheme)
    page = it.go(f"{server}/{path}")
    assert it.strangers() == []
    assert it.faults == []
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    assert page.evaluate("window.shift") < 0.05, "the page moves while it loads"
    # axe looks at what is shown: show the folded parts too, and those out of sight.
    page.add_style_tag(content="* { content-visibility: visible !important }")
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "opened, the page scrolls sideways"
    assert page.evaluate(CUT_EQUATIONS) == [], "equations that begin out of sight"
    page.evaluate(AXE)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(it => it.violations)")
    assert [describe(it) for it in violations] == []


@pytest.mark.parametrize("path", ["chapters/appendix/notation.html", "chapters/theory/chebyshev.html"])
def test_nothing_moves_when_fonts_are_late(visit, server, path):
    it = visit(width=390)
    it.page.route("**/*.woff2", lambda route: (time.sleep(0.4), route.continue_()))
    page = it.go(f"{server}/{path}")
    assert any(url.endswith(".woff2") for url in it.requests)
    assert page.evaluate("window.shift") < 0.05


def describe(violation):
    nodes = [f"{node['target']} {node['html'][:150]}" for node in violation["nodes"]]
    return f"{violation['id']} ({violation['impact']}), {len(nodes)} times: " + "; ".join(nodes[:4])


@every_page
def test_file(visit, path):
    it = visit()
    page = it.go((SITE / path).as_uri())
    assert [url for url in it.requests if not url.startswith(("file:", "data:"))] == []
    assert it.faults == []
    assert broken_images(page) == []
    assert missing_fonts(page) == []


@every_page
def test_content(visit, server, path):
    it = visit()
    page = it.go(f"{server}/{path}")
    assert broken_images(page) == []
    assert missing_fonts(page) == []
    images = page.evaluate(
        "[...document.querySelectorAll('main img')]"
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
    return page.evaluate("[...document.fonts].filter(it => it.status == 'error').map(it => it.family)")


@every_page
def test_weight(visit, server, path):
    """What a first visit downloads, compressed as by any static host; figures and fonts too."""
    it = visit()
    page = it.go(f"{server}/{path}")
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(200)
    sizes = {name: len(transfer(str(SITE / name))[0]) for name in files(it.requests)}
    total, interactive = sum(sizes.values()), sum(size for name, size in sizes.items() if "vega" in name)
    print(f"\n{path}: {total / 1000:.0f} kB")
    assert total - interactive <= 500_000, sizes
    assert total <= 850_000, sizes


def files(requests):
    return {unquote(urlsplit(it).path).lstrip("/") for it in requests if not it.startswith("data:")}


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


def test_every_link_leads_somewhere():
    """Links between pages, and to their parts."""
    ids, missing = {}, []
    for file in SITE.rglob("*.html"):
        ids[file.resolve()] = set(re.findall(r'\bid="([^"]+)"', file.read_text("utf-8")))
    for file in SITE.rglob("*.html"):
        if file.name == "404.html":
            continue
        for link in re.findall(r'\b(?:href|src)="([^"]+)"', file.read_text("utf-8")):
            parts = urlsplit(link.replace("&amp;", "&"))
            if parts.scheme:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file.resolve()
            there = target.exists() and (not parts.fragment or target not in ids or parts.fragment in ids[target])
            if not there and not (target in ids and parts.fragment.startswith("search-")):
                missing.append(f"{file.relative_to(SITE)} -> {link}")
    assert missing == []


def test_descriptions_differ():
    descriptions = {}
    for path in CHAPTERS:
        page = BeautifulSoup((SITE / path).read_text("utf-8"), "html.parser")
        descriptions.setdefault(page.select_one("meta[name=description]")["content"], []).append(path)
    assert [pages for pages in descriptions.values() if len(pages) > 1] == []


def test_notebooks_can_be_downloaded():
    for path in CHAPTERS:
        links = re.findall(r'href="([^"]*\.ipynb)"', (SITE / path).read_text("utf-8"))
        source = Path(path).with_suffix(".ipynb")
        if (SITE / "_sources" / source).exists():
            file = (SITE / path).parent / links[0]
            assert json.loads(file.read_text("utf-8"))["cells"]
