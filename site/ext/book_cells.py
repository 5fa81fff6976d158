"""Cells of notebooks as a page shows them: pictures before the code that draws them, and checks with a tick.

A notebook keeps its natural order. Three tags of cells say more: ``hero``, a picture that is shown first;
``hide-input``, code that a reader of the page does without; ``checks-LABEL``, a cell that checks the statement LABEL.
"""

import itertools
import json
import re
from copy import copy
from pathlib import Path

TICK = "✓"
NEAR = 3  # paragraphs, formulas or cells between a picture and the top of its page


def setup(app):
    app.connect("builder-inited", count_checks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def count_checks(app):
    """Tell the templates how many checks the pages show."""
    notebooks = [json.loads(it.read_text("utf-8")) for it in Path(app.srcdir, "chapters").rglob("*.ipynb")]
    outputs = [it for notebook in notebooks for cell in notebook["cells"] for it in cell.get("outputs", ())]
    lines = [line for it in outputs for line in it.get("text", ())]
    app.config.html_context["checks"] = sum(line.startswith(TICK) for line in lines)


def show_cells(body):
    """Fold, tick and move the cells of ``body``, a page's parsed HTML."""
    for cell in body.select("div.cell"):
        fold_code(body, cell)
        for box in cell.select(".cell_output .stream"):
            list_checks(body, box)
    show_first(body)
    link_checks(body)


def show_first(body):
    """Put the picture that the author chose below the title: itself if it is near, or else a copy that leads to it."""
    for cell in body.select("div.cell.tag_hero:has(.cell_output img)"):
        figure = cell.figure or cell
        between = itertools.takewhile(lambda it: "tip" not in it.get("class", ()), cell.find_previous_siblings())
        if cell.figure and cell.parent is body.h1.parent and len(list(between)) <= NEAR:
            body.h1.insert_after(figure.extract())
            if not cell.select_one(".cell_output").get_text(strip=True):
                cell.select_one(".cell_output").extract()
            continue
        figure["id"] = figure.get("id", "hero")
        link = body.new_tag("a", attrs={"class": "hero", "href": f"#{figure['id']}"})
        link.append(copy(cell.img))
        link.img["alt"] = ""
        del link.img["aria-details"]
        words = body.new_tag("span")
        words.string = f"{number_of(cell) or 'The picture'}, discussed below"
        link.append(words)
        body.h1.insert_after(link)


def number_of(cell):
    """How the text calls the figure of ``cell``: Figure 7.2, or nothing if it has no number."""
    number = cell.select_one("figcaption .caption-number")
    return number.get_text().strip() if number else ""


def fold_code(body, cell):
    """Put code that draws, sets up or is tagged behind one line, below what it puts out."""
    code = cell.select_one("div.cell_input")
    if not code:
        return
    if wrapper := code.find_parent("details", class_="hide"):
        wrapper.unwrap()
        for summary in cell.select("summary"):
            summary.extract()
    draws = cell.select_one(".cell_output :is(img, .interactive)")
    sets_up = re.search(r"^(import|from) ", code.get_text(), re.MULTILINE)
    if draws or wrapper or sets_up:
        folded = body.new_tag("details", attrs={"class": "code"})
        summary = body.new_tag("summary")
        numbers = list_numbers(body, cell)
        what = "Numbers and code" if numbers else "Code"
        summary.string = f"{what} of {number_of(cell) or 'the figure'}" if draws else "Setup" if sets_up else "Code"
        folded.extend([summary, *numbers, code.extract()])
        cell.append(folded)
    before = cell.find_previous_sibling()
    if draws and before and before.select(":scope > details.code:only-child"):  # what sets up for this picture only
        folded.insert_before(before.details.extract())
        before.extract()


def list_numbers(body, cell):
    """Where ``cell`` plots: leave to the alternative text what is drawn, and list what the curves do, for all."""
    image = cell.select_one(".cell_output img[alt]")
    if not image or image.find_parent(class_="interactive"):
        return []
    panels = []
    for sentence in re.split(r"(?<=\.) ", image["alt"]):
        if " against " in sentence:
            panels.append((sentence.removesuffix("."), []))
        elif panels:
            panels[-1][1].append(sentence)
    if not panels:
        return []
    names = [[it.rpartition(": ")[0] for it in curves if not it.startswith("Vertical line")] for _, curves in panels]
    image["alt"] = " ".join(f"{title}, for {'; '.join(it)}." for (title, _), it in zip(panels, names, strict=True))
    image["aria-details"] = f"numbers-{Path(image['src']).stem}"
    numbers = body.new_tag("div", attrs={"class": "numbers", "id": image["aria-details"]})
    for title, curves in panels:
        heading, these = body.new_tag("p"), body.new_tag("ul")
        heading.string = f"{title}:"
        for curve in curves:
            these.append(body.new_tag("li", string=curve))
        numbers.extend([heading, these])
    return [numbers]


def list_checks(body, box):
    """Make a list of the lines of the printed text ``box`` that say what was checked."""
    lines = box.get_text().strip("\n").split("\n")
    for checked, run in itertools.groupby(lines, lambda it: it.startswith(TICK)):
        text = "\n".join(run)
        if checked:
            part = body.new_tag("ul", attrs={"class": "checked"})
            for line in text.split("\n"):
                item = body.new_tag("li")
                item.string = line.removeprefix(TICK).strip()
                part.append(item)
        elif len(lines) == text.count("\n") + 1:
            return
        else:
            part = copy(box)
            part.pre.string = text
        box.insert_before(part)
    box.extract()


def link_checks(body):
    """Give the title of a statement a tick that leads to the cell that checks it."""
    for cell in body.select("div.cell[class*=tag_checks-]"):
        for label in [it.removeprefix("tag_checks-") for it in cell["class"] if it.startswith("tag_checks-")]:
            title = body.select_one(f'[id="{label}"] > .admonition-title')
            checks = cell.select_one("ul.checked")
            if not title or not checks:
                raise ValueError(f"the tag checks-{label} names no statement of its page, or its cell prints no tick")
            checks["id"] = checks.get("id", f"{label}-checked")
            tick = body.new_tag("a", attrs={"class": "tick", "href": f"#{checks['id']}", "aria-label": "checked here"})
            tick.string = TICK
            title.append(tick)
