"""The same book when the build is told where it lives: buttons, canonical links and social previews appear."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import ROOT
from test_pages import COLORS, LOOKS, faults_for_axe

CHAPTER = "chapters/theory/gradient-descent"
CONTENTS = {"format": "jb-book", "root": "chapters/index", "chapters": [{"file": CHAPTER}]}
ADDRESS = "https://reader.example/book/"
REPOSITORY = "https://github.com/trunks/trunk-book"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The book with one chapter only."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "toc.yml").write_text(json.dumps(CONTENTS))  # which is YAML too
    where = {"BOOK_REPOSITORY": REPOSITORY, "BOOK_BRANCH": "trunk", "BOOK_ADDRESS": ADDRESS}
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--toc", folder / "toc.yml"]
    subprocess.run(
        [*command, "--path-output", folder, "--quiet"], env=os.environ | where, check=True, capture_output=True
    )
    return folder / "_build/html"


@pytest.fixture
def page(site):
    return BeautifulSoup((site / f"{CHAPTER}.html").read_text("utf-8"), "html.parser")


def test_buttons(page):
    links = {a.get_text(strip=True): a["href"] for a in page.select(".article-header-buttons a")}
    notebook = f"{CHAPTER}.ipynb"
    assert links["Colab"] == f"https://colab.research.google.com/github/trunks/trunk-book/blob/notebooks/{notebook}"
    assert links["Binder"] == f"https://mybinder.org/v2/gh/trunks/trunk-book/notebooks?urlpath=lab/tree/{notebook}"
    assert links["Show source"] == f"{REPOSITORY}/blob/trunk/{notebook}?plain=1"
    assert links["Open issue"].startswith(f"{REPOSITORY}/issues/new")


def test_head(page, site):
    assert page.select_one("link[rel=canonical]")["href"] == f"{ADDRESS}{CHAPTER}.html"
    card = {it["property"]: it["content"] for it in page.select("meta[property^='og:']")}
    assert card["og:title"] == "Gradient descent"
    assert card["og:url"] == f"{ADDRESS}{CHAPTER}.html"
    assert card["og:image"].startswith(ADDRESS)
    assert (site / card["og:image"].removeprefix(ADDRESS)).is_file()
    assert len(card["og:description"]) > 40
    assert len(page.select("meta[name=description]")) == 1


def test_the_line_that_installs_has_the_address(page):
    assert page.select_one(".run-it pre a").text.startswith(f"{ADDRESS}unrolling-")


def test_lost(site):
    lost = BeautifulSoup((site / "404.html").read_text("utf-8"), "html.parser")
    links = [it["href"] for it in lost.select("nav.bd-docs-nav a")]
    assert links
    assert all(link.startswith("/book/chapters/") for link in links)


@pytest.mark.parametrize(("width", "scheme", "other"), LOOKS)
def test_accessible(visit, site, width, scheme, other):
    it = visit(width=width, scheme=scheme)
    page = it.go((site / f"{CHAPTER}.html").as_uri())
    assert it.faults == []
    assert all(url.startswith(("file:", "data:")) for url in it.requests)
    page.locator(".dropdown-launch-buttons button").click()
    assert faults_for_axe(page) == []
    page.emulate_media(color_scheme=other, reduced_motion="reduce")
    assert faults_for_axe(page, COLORS) == []
