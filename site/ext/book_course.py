"""What course/course.toml, and the decks that it names, say on the book's pages.

Exercises get their level and minutes; the directives ``{sessions}`` (what is taught when, and towards what),
``{plan} NUMBER`` (a session by the minutes of its slides), ``{graded-work}`` and ``{exercises}`` (all of them) are
written from the same table.
"""

import json
import re
import tomllib
from functools import cache
from itertools import accumulate
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

EXERCISE = re.compile(r"\{exercise(?:-start)?\} (.+)\n:label: (\S+)")
SLIDE = re.compile(r"^##? (.*) \{(\d+)\}$", re.MULTILINE)


def setup(app):
    app.add_directive("sessions", Sessions)
    app.add_directive("plan", Plan)
    app.add_directive("graded-work", GradedWork)
    app.add_directive("exercises", Exercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def table_of(folder):
    return tomllib.loads(Path(folder, "course/course.toml").read_text("utf-8"))


def effort(exercise):
    return f"level {exercise['level']} · {exercise['minutes']} minutes"


@cache
def titles_in(folder):
    """What the exercises of the chapters are called, by label."""
    cells = [
        it for path in Path(folder).glob("chapters/*/*.ipynb") for it in json.loads(path.read_text("utf-8"))["cells"]
    ]
    texts = ["".join(it["source"]) for it in cells if it["cell_type"] == "markdown"]
    return {label: title for text in texts for title, label in EXERCISE.findall(text)}


def show_levels(app, body):
    """Put level and minutes behind the title of each exercise in ``body``, a page's parsed HTML."""
    exercises = table_of(app.srcdir)["exercises"]
    for box in body.select("div.exercise[id]"):
        if box["id"] not in exercises:
            raise ValueError(f"the exercise {box['id']} must have a line in course/course.toml")
        said = body.new_tag("span", attrs={"class": "level"})
        said.string = effort(exercises[box["id"]])
        box.select_one(".admonition-title").append(said)


class FromTable(SphinxDirective):
    """A directive whose text, in MyST, comes from the table."""

    def run(self):
        for path in ("course/course.toml", *(it.as_posix() for it in self.decks())):
            self.env.note_dependency(str(Path(self.env.srcdir, path)))
        self.table = table_of(self.env.srcdir)
        self.titles = titles_in(self.env.srcdir)
        self.chapters = {Path(it).name: f"/{it}" for it in self.env.found_docs}
        return self.parse_text_to_nodes("\n".join(self.lines()) + "\n")

    def decks(self):
        return []

    def session(self, number):
        return next(it for it in self.table["session"] if it["number"] == number)

    def named(self, labels):
        return ", ".join(f"{{ref}}`{it}`, *{self.titles[it]}*" for it in labels)


class Sessions(FromTable):
    def lines(self):
        for it in self.table["session"]:
            chapters = ", ".join(f"{{doc}}`{self.chapters[name]}`" for name in it["chapters"])
            yield from (f"**{it['number']}. {it['title']}**, {it['minutes']} minutes. To read before: {chapters}.", "")
            for goal in it["objectives"]:
                done = f"In class: {self.named(goal['class'])}; at home: {self.named(goal['homework'])}."
                yield f"* {goal['id']}: {goal['text']}. {done}"
            yield ""


class Plan(FromTable):
    required_arguments = 1

    def decks(self):
        self.deck = next(Path(self.env.srcdir).glob(f"course/slides/{self.arguments[0]}-*.md"))
        return [self.deck.relative_to(self.env.srcdir)]

    def lines(self):
        slides = SLIDE.findall(self.deck.read_text("utf-8"))
        minutes = [int(it) for _, it in slides]
        if sum(minutes) != (asked := self.session(int(self.arguments[0]))["minutes"]):
            raise self.error(f"the slides of {self.deck.name} take {sum(minutes)} minutes, not {asked}")
        yield from ("| from | minutes | slide |", "|---:|---:|---|")
        for begin, (title, spent) in zip(accumulate([0, *minutes]), slides, strict=False):
            yield f"| {begin} | {spent} | {title} |"


class GradedWork(FromTable):
    def lines(self):
        yield from ("| | goes out in session | is due in | takes |", "|---|---:|---:|---|")
        for it in self.table["graded"]:
            hours = sum(self.table["exercises"][label]["minutes"] for label in it["exercises"]) / 60
            yield f"| {it['title']} | {it['out']} | {it.get('due', 'two weeks')} | about {hours:.0f} hours |"


class Exercises(FromTable):
    def lines(self):
        yield from ("| exercise | level | minutes | what is asked |", "|---|---:|---:|---|")
        for label, it in self.table["exercises"].items():
            if not label.startswith(("ps", "project")):
                kinds = ", ".join([*it["kinds"], *["graded by tests"] * it.get("graded", False)])
                yield f"| {self.named([label])} | {it['level']} | {it['minutes']} | {kinds} |"
