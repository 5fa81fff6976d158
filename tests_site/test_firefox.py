"""Some pages in Firefox, where there is one. It is driven over WebDriver BiDi, which a distribution's own speaks."""

import json
import re
import shutil
import subprocess
import time

import pytest
import websocket

FIREFOX = next(filter(None, map(shutil.which, ["firefox-esr", "firefox"])), None)
CHAPTER = "chapters/theory/curse.html"
# Nothing outside this machine can be reached: 127.0.0.1 is never asked for through a proxy.
OFFLINE = {"network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9}
OFFLINE |= {"network.proxy.ssl": "127.0.0.1", "network.proxy.ssl_port": 9, "remote.prefs.recommended": True}
# What MathML it does not take, and a neighbour's page that it would fetch in advance, which the page's policy forbids.
NOISE = re.compile("columnspacing|columnalign|prefetch|Content-Security-Policy", re.IGNORECASE)
UNDER_THE_EYE = "document.elementFromPoint(innerWidth / 3, innerHeight / 2).textContent"
CONTROL, ESCAPE = "\ue009", "\ue00c"

pytestmark = pytest.mark.skipif(not FIREFOX, reason="no Firefox here: apt-get install firefox-esr")


class Firefox:
    def __init__(self, address):
        self.socket, self.number, self.faults = websocket.create_connection(address, 120, suppress_origin=True), 0, []
        self.call("session.new", capabilities={})
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]
        self.call("session.subscribe", events=["log.entryAdded"])

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            entry = answer["params"]
            if entry.get("level") == "error" and not NOISE.search(entry["text"]):
                self.faults.append(entry["text"])
        assert answer["type"] == "success", answer
        return answer["result"]

    def go(self, url):
        self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def run(self, expression):
        target = {"context": self.context}
        answer = self.call("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def wait(self, expression):
        end = time.monotonic() + 60
        while not self.run(f"Boolean({expression})"):
            assert time.monotonic() < end, expression
            time.sleep(0.2)

    def press(self, *keys):
        actions = [{"type": "keyDown", "value": it} for it in keys] + [{"type": "keyUp", "value": it} for it in keys]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self.call("input.performActions", context=self.context, actions=[keyboard])


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    profile = tmp_path_factory.mktemp("profile")
    wanted = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in OFFLINE.items()]
    (profile / "user.js").write_text("\n".join(wanted), "utf-8")
    options = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank"]
    log = profile / "log"
    with log.open("w") as file, subprocess.Popen([FIREFOX, *options], stderr=file, stdout=file) as process:
        end = time.monotonic() + 60
        while not (said := re.search(r"BiDi listening on (ws://\S+)", log.read_text("utf-8"))):
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.2)
        it = Firefox(f"{said[1]}/session")
        yield it
        it.socket.close()
        process.terminate()


def test_a_page_opens_without_an_error(firefox, server):
    for path in ("chapters/index.html", CHAPTER, "chapters/appendix/notation.html"):
        firefox.go(f"{server}/{path}")
        firefox.wait("!document.documentElement.classList.contains('waiting')")
        assert firefox.run("document.querySelector('article h1').checkVisibility()")
        assert firefox.run("document.documentElement.scrollWidth <= innerWidth")
    assert firefox.faults == []


def test_who_comes_back_finds_the_place(firefox, server):
    firefox.go(f"{server}/{CHAPTER}")
    for _ in range(8):
        firefox.run("scrollBy({ top: 800, behavior: 'instant' })")
        time.sleep(0.2)
    before = firefox.run(UNDER_THE_EYE)
    firefox.call("browsingContext.reload", context=firefox.context, wait="complete")
    time.sleep(1)
    assert firefox.run(UNDER_THE_EYE) == before
    firefox.go(f"{server}/chapters/index.html")
    firefox.call("browsingContext.traverseHistory", context=firefox.context, delta=-1)
    firefox.wait(f"location.pathname.endsWith('{CHAPTER}') && document.readyState == 'complete'")
    time.sleep(1)
    assert firefox.run(UNDER_THE_EYE) == before


def test_an_interactive_figure_draws(firefox, server):
    firefox.go(f"{server}/{CHAPTER}")
    firefox.run("document.querySelector('.interactive').scrollIntoView({ behavior: 'instant' })")
    firefox.wait("document.querySelector('.interactive').numbers")
    firefox.wait("document.querySelectorAll('.interactive svg path').length > 3")
    assert firefox.faults == []


def test_search_opens_and_closes(firefox, server):
    firefox.go(f"{server}/{CHAPTER}")
    firefox.press(CONTROL, "k")
    firefox.wait("document.querySelector('dialog[open] input')")
    firefox.press(ESCAPE)
    firefox.wait("!document.querySelector('dialog[open]')")
