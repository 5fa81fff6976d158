"""The Content-Security-Policy: on every page, strict, and in force."""

import re

from conftest import SITE

CURSE = "chapters/theory/curse.html"


def test_every_page_has_a_policy():
    """Before anything that it governs; and no handler stands in an attribute, where it would be dead."""
    for file in SITE.rglob("*.html"):
        html = file.read_text("utf-8")
        head = html[html.index("<head>") + len("<head>") :].lstrip()
        assert head.startswith('<meta http-equiv="Content-Security-Policy"'), file
        policy = re.search(r'content="([^"]*)"', head)[1]
        assert "default-src 'none'; script-src 'self'" in policy, file
        assert not re.search(r"http|unsafe-eval|\*|script-src[^;]*unsafe-inline", policy), file
        assert not re.search(r'<[^>]+\son[a-z]+="', html), file


def test_the_policy_is_in_force(visit, server):
    page = visit().go(f"{server}/{CURSE}")
    blocked = page.evaluate(
        """async () => {
            const blocked = [];
            document.addEventListener("securitypolicyviolation", (it) => blocked.push(it.effectiveDirective));
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const picture = new Image();
            picture.src = "http://192.0.2.1/picture.png";
            await fetch("http://192.0.2.1/").catch(() => 0);
            await new Promise((done) => setTimeout(done, 100));
            return [window.ran, ...blocked.sort()];
        }"""
    )
    assert blocked == [None, "connect-src", "img-src", "script-src-elem"]


def test_buttons_of_the_header(visit, server):
    """The theme's handlers stood in attributes, which the policy forbids."""
    page = visit().go(f"{server}/{CURSE}")
    page.evaluate(
        "window.print = () => { window.printed = true }; window.toggleFullScreen = () => { window.full = true }"
    )
    page.evaluate("document.querySelectorAll('[data-action]').forEach(it => it.click())")
    assert page.evaluate("[window.printed, window.full]") == [True, True]
