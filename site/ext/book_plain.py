"""Notebooks to download, in words that Jupyter and Colab show, and what tools/plain.py must know for that.

Beside the built site, ``labels.json`` says of each label its number, title and place, of each page its title, and of
each source its authors, year and entry. The launched notebooks and the course are made with it too.
"""

import json
import sys
from pathlib import Path

import pybtex.plugin
from book_course import effort, table_of

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from plain import Plain  # noqa: E402


def setup(app):
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(app, exception):
    if exception or app.builder.format != "html":
        return
    labels = Path(app.outdir).with_name("labels.json")
    labels.write_text(json.dumps(known(app), ensure_ascii=False, indent=1), "utf-8")
    plain = Plain(labels, files=True)
    for page in sorted(app.env.found_docs):
        source, target = Path(app.env.doc2path(page)), Path(app.outdir, "_sources", f"{page}.ipynb")
        if source.suffix == ".ipynb" and target.exists():
            notebook = plain.notebook(json.loads(source.read_text("utf-8")), page)
            target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")


def known(app):
    pages = {it: {"title": title.astext(), "page": f"{it}.html"} for it, title in app.env.titles.items()}
    found = {"title": app.config.html_title, "address": app.config.html_baseurl}
    return found | {"labels": labels(app), "pages": pages, "sources": sources(app)}


def labels(app):
    """Number, title and place of whatever has a name."""
    env, found = app.env, {}
    standard, numbers = env.domains["std"], numbered(app)
    exercises = table_of(app.srcdir)["exercises"]
    for label, (page, anchor) in standard.anonlabels.items():
        title = standard.labels.get(label, ("", "", ""))[2]
        found[label] = {"page": f"{page}.html#{anchor}", "title": str(title), "number": numbers.get((page, anchor), "")}
    for label, it in env.proof_list.items():
        found[label] = {"page": f"{it['docname']}.html#{label}", "number": numbers.get((it["docname"], label), "")}
    for label, it in env.sphinx_exercise_registry.items():
        found[label] = {"page": f"{it['docname']}.html#{label}", "number": numbers.get((it["docname"], label), "")}
        if label in exercises:
            found[label]["about"] = effort(exercises[label])
    for label, (page, _) in env.domains["math"].equations.items():
        anchor = f"equation-{label}"
        found[label] = {"page": f"{page}.html#{anchor}", "number": numbers[page, anchor]}
    return found


def numbered(app):
    """What each place that has a number is called."""
    found, formats = {}, app.config.numfig_format
    for page, kinds in app.env.toc_fignumbers.items():
        for kind, places in kinds.items():
            name = "({number})" if kind == "displaymath" else formats.get(kind, f"{kind.capitalize()} %s")
            for anchor, number in places.items():
                number = ".".join(map(str, number))
                words = name.replace("%s", number).replace("{number}", number)
                found[page, anchor] = words[:1].upper() + words[1:]
    return found


def sources(app):
    """Authors and year as a citation has them, and the entry of the list, in Markdown."""
    markdown, found = pybtex.plugin.find_plugin("pybtex.backends", "markdown")(), {}
    for it in app.env.domains["cite"].citations:
        text = " ".join(it.formatted_entry.text.render(markdown).replace(r"\\url ", "").split())
        found[it.key] = {"authors": authors(it.entry), "year": it.entry.fields.get("year", "no year"), "text": text}
    return found


def authors(entry):
    """One or two by name, of more the first."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(map(str, [*it.rich_prelast_names, *it.rich_last_names])) for it in people]
    if not names:
        return entry.fields.get("organization") or entry.fields.get("title", entry.key)
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
