"""What course/course.toml says of the book's exercises, on their pages."""

import tomllib
from pathlib import Path


def show_levels(app, body):
    """Put level and minutes behind the title of each exercise in ``body``, a page's parsed HTML."""
    exercises = tomllib.loads(Path(app.srcdir, "course/course.toml").read_text("utf-8"))["exercises"]
    for box in body.select("div.exercise[id]"):
        if box["id"] not in exercises:
            raise ValueError(f"the exercise {box['id']} must have a line in course/course.toml")
        about = exercises[box["id"]]
        said = body.new_tag("span", attrs={"class": "level"})
        said.string = f"level {about['level']} · {about['minutes']} minutes"
        box.select_one(".admonition-title").append(said)
