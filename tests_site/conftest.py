"""A real browser, with the network cut off, and the built site: as files, and from a server that compresses."""

import gzip
import threading
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from browser import CHROMIUM, FLAGS, MISSING
from playwright.sync_api import sync_playwright
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"

APART = {"404.html", "index.html"}  # they have tests of their own
PAGES = sorted({str(page.relative_to(SITE)) for page in SITE.rglob("*.html")} - APART)
COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".ipynb", ".txt"}


# Files whose tests share what takes a minute to make.
TOGETHER = ("test_address.py", "test_pdf.py")


class Scheduling(LoadScopeScheduling):
    """Each test goes to the process that is free, and those of a file of TOGETHER to the same one, and first."""

    def _split_scope(self, nodeid):
        file = nodeid.split("::")[0]
        return file if file.endswith(TOGETHER) else nodeid


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


def pytest_sessionstart():
    if not CHROMIUM:
        pytest.exit(f"make site-test {MISSING}", 1)
    if not PAGES:
        pytest.exit("There is no site to test: make book", 1)


@cache
def transfer(path):
    """What is sent for the file at ``path``, and whether it is compressed, as by any static host."""
    content = Path(path).read_bytes()
    small = Path(path).suffix in COMPRESSED
    return (gzip.compress(content, 6), True) if small else (content, False)


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *args):
        super().__init__(*args, directory=SITE)

    def do_GET(self):  # noqa: N802
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        status = 200 if path.is_file() else 404
        path = path if path.is_file() else SITE / "404.html"
        content, compressed = transfer(path)
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path) + ("; charset=utf-8" if compressed else ""))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(content)))
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as it:
        threading.Thread(target=it.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{it.server_port}"
        it.shutdown()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        it = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield it
        it.close()


class Visit:
    """One page in the browser, and all that went wrong while it loaded."""

    def __init__(self, browser, width=1280, scheme="light", **options):
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        self.page = self.context.new_page()
        self.requests, self.faults = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("console", self.hear)
        self.page.on("response", lambda it: self.faults.append(f"{it.status}: {it.url}") if it.status >= 400 else None)
        self.page.add_init_script(
            "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => {"
            "if (!entry.hadRecentInput) window.shift += entry.value})).observe({type: 'layout-shift', buffered: true})"
        )

    def hear(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def go(self, url):
        self.home = url.split("/", 3)[2]
        self.page.goto(url, wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => 0)")
        self.page.wait_for_timeout(150)
        return self.page

    def strangers(self):
        return [it for it in self.requests if not it.startswith("data:") and it.split("/", 3)[2] != self.home]


@pytest.fixture
def visit(browser):
    visits = []

    def new(**options):
        visits.append(Visit(browser, **options))
        return visits[-1]

    yield new
    for it in visits:
        it.context.close()
