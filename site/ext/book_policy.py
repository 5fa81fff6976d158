"""A Content-Security-Policy for every page: only the site's own files, and the scripts that stand in the page itself.

Styles may stand in attributes, as KaTeX writes them there; scripts may not. Scripts within a page are named by
their hashes.
"""

import base64
import hashlib
import re
from pathlib import Path

POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"
)
META = '<meta http-equiv="Content-Security-Policy" content="{policy}" />'
# What the theme's buttons do is done by book.js.
ACTIONS = {"toggleFullScreen()": "fullscreen", "window.print()": "print", "toggleCode()": "code"}


def setup(app):
    app.connect("build-finished", add_policies, priority=950)  # after the last change of a page
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def add_policies(app, exception):
    if (
        exception or app.builder.name != "html" or app.tags.has("serve")
    ):  # make serve has a script that loads pages anew
        return
    for page in Path(app.outdir).rglob("*.html"):
        page.write_text(with_policy(page.read_text("utf-8")), "utf-8")


def with_policy(html):
    """``html`` with its policy, in place of an older one, and without handlers in attributes."""
    for call, action in ACTIONS.items():
        html = html.replace(f'onclick="{call}"', f'data-action="{action}"')
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    hashes = [base64.b64encode(hashlib.sha256(it.encode()).digest()).decode() for it in scripts]
    policy = POLICY.format(hashes="".join(f" 'sha256-{it}'" for it in hashes))
    html = re.sub(re.escape(META).replace(r"\{policy\}", '[^"]*') + r"\s*", "", html)
    return re.sub(r"<head>\s*", lambda it: it[0] + META.format(policy=policy) + "\n    ", html, count=1)
