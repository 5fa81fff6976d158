"""The first time that a chapter uses a word of the glossary, the word leads there."""

import re

from bs4 import NavigableString

# What is no running text, and words that are named and not used.
APART = "a, code, pre, em, strong, .katex, .admonition-title, .admonition.tip, .numbers"


def link_terms(app, pagename, body):
    """Link the first use of each term of the glossary in the paragraphs of ``body``, a chapter's parsed HTML."""
    objects = app.env.get_domain("std").objects.items()
    places = {name.lower(): place for (kind, name), place in objects if kind == "term" and len(name) > 1}
    if not places or not pagename.startswith("chapters/") or "/appendix/" in pagename:
        return
    names = "|".join(re.escape(it) for it in sorted(places, key=len, reverse=True))
    word = re.compile(rf"(?<![\w-])({names})s?(?![\w-])", re.IGNORECASE)
    for paragraph in body.select("p, li"):
        for text in [it for it in paragraph.find_all(string=word) if it.find_parent(("p", "li")) is paragraph]:
            if not any(it.css.match(APART) for it in text.parents if it.name != "[document]"):
                link_words(app, pagename, body, text, word, places)


def link_words(app, pagename, body, text, word, places):
    """Split ``text`` at the words that still have their place in ``places``, link them, and take them out."""
    rest = text
    for found in word.finditer(str(text)):
        if not (place := places.pop(found[1].lower(), None)):
            continue
        address = f"{app.builder.get_relative_uri(pagename, place[0])}#{place[1]}"
        link = body.new_tag("a", attrs={"class": "term", "href": address})
        link.string = found[0]
        before, _, after = str(rest).partition(found[0])
        rest.replace_with(before, link, after_text := NavigableString(after))
        rest = after_text
