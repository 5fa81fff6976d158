"""The notebooks in a real JupyterLab, as `make lab` opens them: none freezes it, and no output is missing or empty."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from conftest import ROOT
from notebooks import notebooks

NAMES = [path.relative_to(ROOT / "chapters").as_posix() for path in notebooks()]
PATIENCE = 60_000  # milliseconds; a frozen tab answers never, a slow machine sometime
# Per code cell in the document: for each output what it is, and whether there is something to see.
SHOWN = """() => Object.fromEntries([...document.querySelectorAll(".jp-CodeCell")].filter(
    cell => cell.querySelector(".jp-OutputArea") && cell.dataset.windowedListIndex
).map(cell => [cell.dataset.windowedListIndex, [...cell.querySelectorAll(".jp-OutputArea-output")].map(output => {
    const picture = output.querySelector("img");
    const { width, height } = (picture ?? output).getBoundingClientRect();
    return [picture ? "picture" : "text", width > 30 && height > 10 && picture?.naturalWidth !== 0];
})]))"""
IDLE = "document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status == 'idle'"
# What scrolls: a window over the cells, of which only those in sight are in the document.
SCROLL = """(by) => {
    const it = document.querySelector(".jp-WindowedPanel-outer");
    const before = it.scrollTop;
    it.scrollTop += by;
    return it.scrollTop > before;
}"""


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """The address of a JupyterLab over a copy of the chapters, with settings of its own."""
    folder = tmp_path_factory.mktemp("lab")
    for part in ("chapters", "tools"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(".*"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    places += ["JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"]
    environment = os.environ | {place: str(folder / place) for place in places}
    options = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--port-retries=0"]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, folder / "tools/lab.py", *options], env=environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            assert process.poll() is None, (folder / "log").read_text()
            try:
                urlopen(f"{address}/api").close()
                break
            except URLError:
                time.sleep(0.2)
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def window(browser):
    """A low window, which keeps JupyterLab's own scripts from one notebook to the next."""
    it = browser.new_context(viewport={"width": 1280, "height": 700})
    it.set_default_timeout(PATIENCE)
    yield it
    it.close()


@pytest.fixture
def open_notebook(window, lab):
    """A function that opens a notebook; in the end, nothing of it may have failed."""
    page, faults = window.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("crash", lambda _: faults.append("the tab crashed"))

    def visit(name):
        page.goto(f"{lab}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        return page

    yield visit
    page.close()
    assert faults == []


def cells(name):
    return json.loads((ROOT / "chapters" / name).read_text("utf-8"))["cells"]


def expected(name):
    """For each code cell with outputs, by its place: what they are."""
    return {
        str(i): ["picture" if "image/svg+xml" in output.get("data", {}) else "text" for output in cell["outputs"]]
        for i, cell in enumerate(cells(name))
        if cell.get("outputs")
    }


def read_through(page, name):
    """Scroll from the first cell to the last; return what is shown where something should be."""
    found, wanted = {}, expected(name)
    page.evaluate(SCROLL, -1e6)
    for _ in range(500):
        page.wait_for_timeout(50)
        page.wait_for_function("true")  # it answers; `evaluate` would wait without end
        for place, outputs in page.evaluate(SHOWN).items():
            if place in wanted and found.get(place) != good(wanted[place]):
                found[place] = outputs
        if not page.evaluate(SCROLL, 600) and all(found.get(place) == good(wanted[place]) for place in wanted):
            break
    return found


def good(kinds):
    return [[kind, True] for kind in kinds]


@pytest.mark.parametrize("name", NAMES)
def test_every_output_is_shown(open_notebook, name):
    page = open_notebook(name)
    assert read_through(page, name) == {place: good(kinds) for place, kinds in expected(name).items()}
    assert page.locator(".jp-Dialog").count() == 0


def test_run_all(open_notebook):
    """The landing page has text, pictures and an interactive figure, which is a picture here. Each comes out anew."""
    name = "index.ipynb"
    assert {kind for kinds in expected(name).values() for kind in kinds} == {"text", "picture"}
    page = open_notebook(name)
    page.wait_for_function(IDLE)  # its kernel has started
    for menu, entry in [("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")]:
        page.get_by_role("menuitem", name=menu, exact=True).click()
        page.get_by_role("menuitem", name=entry, exact=True).click()
    page.wait_for_function(IDLE)
    assert read_through(page, name) == {place: good(kinds) for place, kinds in expected(name).items()}
    outputs = [output["data"] for cell in cells(name) for output in cell.get("outputs", []) if "data" in output]
    (text,) = [data["text/plain"] for data in outputs if "text/markdown" in data]
    page.evaluate(SCROLL, -1e6)
    table = page.locator(".jp-OutputArea table", has_text="2/1.01").locator("th, td")
    table.first.wait_for()
    assert " ".join(table.all_text_contents()).split() == "".join(text).split()
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_links_lead_to_chapters(open_notebook):
    page = open_notebook("index.ipynb")
    link = page.locator(".jp-Notebook a", has_text="Implicit functions").first
    for _ in range(200):  # cells get longer while they come into sight
        if link.is_visible():
            break
        page.evaluate(SCROLL, 300)
        page.wait_for_timeout(100)
    link.click()
    page.wait_for_selector(".lm-TabBar-tabLabel:has-text('implicit-functions.ipynb')")
    page.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) h1:has-text('Implicit functions')")
