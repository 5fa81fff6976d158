"""The library, as the site gives it away: its wheel, and on each page that runs, the line that installs it."""

import os
from importlib import metadata
from pathlib import Path

from flit_core.wheel import make_wheel_in

WHEEL = f"unrolling-{metadata.version('unrolling')}-py3-none-any.whl"
ROOT = Path(__file__).parents[2]


def setup(app):
    app.connect("html-page-context", say_how_to_run, priority=400)  # before the theme drops templates that are empty
    app.connect("html-page-context", lead_there, priority=502)  # after the theme has made the buttons
    app.connect("build-finished", ship)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def say_how_to_run(app, pagename, templatename, context, doctree):
    """Give run-it.html what it shows: where the notebook is, if the page is one, and the wheel."""
    source = context.get("sourcename", "")
    if source.endswith(".ipynb"):
        context["notebook"] = context["pathto"](f"_sources/{source}", 1)
    context["wheel"] = context["pathto"](WHEEL, 1)
    context["wheel_address"] = f"{app.config.html_baseurl}{WHEEL}"


def lead_there(app, pagename, templatename, context, doctree):
    """Add an entry below the button that downloads a notebook."""
    for group in context["header_buttons"]:
        if group["label"] == "download-buttons" and "notebook" in context:
            entry = {
                "type": "link",
                "url": "#run-this-page",
                "text": "How to run it",
                "tooltip": "How to run this page",
            }
            group["buttons"].append(entry | {"icon": "fas fa-play", "label": "run-it-button"})


def ship(app, exception):
    if not exception and app.builder.format == "html":
        os.environ.setdefault("SOURCE_DATE_EPOCH", "1577836800")  # the same wheel whenever it is made
        wheel = make_wheel_in(ROOT / "pyproject.toml", Path(app.outdir)).file
        wheel.chmod(0o644)  # for any server
