"""How high each section of a page is, about.

Sections out of sight wait with their layout (book.css). The room that they are given meanwhile decides where the
scrollbar stands, and where a link to a later section leads. It is counted here, in rem, for a page 43 rem wide.
"""

from collections import Counter

LINE, LETTER = 1.18, 0.029  # a line of code; a letter of text
BESIDES = {"p": 0.5, "li": 0.5, "tr": 0.5, "h2": 0.5, "h3": 0.5, "pre": 4.5, "summary": 4.5, "div": 7, "img": 0}


def keep_room(body):
    """Tell each section of ``body``, a page's parsed HTML, about how high it is."""
    rooms = Counter()
    for part in body.find_all(lambda it: it.name in BESIDES and (it.name != "div" or "math" in it.get("class", ()))):
        fold = part.find_parent("details")
        if not fold or (part.name == "summary" and not fold.find_parent("details")):
            room = height(part)
            rooms.update({id(section): room for section in part.find_parents("section")})
    for section in body.select("section > section"):
        section["style"] = f"--room: {rooms[id(section)]:.0f}rem"


def height(part):
    if part.name == "img":
        width = int(part.get("width", 688))
        return 0 if "second" in part.get("class", ()) else int(part.get("height", 0)) / 16 * min(1, 688 / width)
    if part.name == "pre":
        return BESIDES["pre"] + LINE * part.get_text().count("\n")
    if part.name in ("summary", "div") or part.p:
        return BESIDES[part.name]
    twice = sum(len(it.get_text()) - 4 for it in part.find_all(class_="katex"))  # for the eye, and for those without
    return BESIDES[part.name] + LETTER * (len(part.get_text()) - twice)
