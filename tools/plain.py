"""MyST's directives, as what they are: python tools/plain.py turns a notebook's into words (see below)."""

import re
from dataclasses import dataclass, field

OPENING = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|:{3,}|~{3,})(?:\{(?P<kind>[\w:-]+)\})?(?P<title>.*)")
OPTION = re.compile(r":(?P<key>[\w-]+):(?: +(?P<value>.*))?")


@dataclass
class Directive:
    kind: str
    title: str
    options: dict = field(default_factory=dict)
    body: str = ""


def blocks(text):
    """The text in order: stretches of Markdown, as strings, and directives. Blocks of code are Markdown."""
    lines, plain, at = text.split("\n"), [], 0
    while at < len(lines):
        opening = OPENING.fullmatch(lines[at])
        if not opening:
            plain.append(lines[at])
            at += 1
            continue
        end = next((it for it in range(at + 1, len(lines)) if closes(lines[it], opening["fence"])), len(lines))
        if opening["kind"]:
            if plain:
                yield "\n".join(plain)
            yield directive(opening, lines[at + 1 : end])
            plain = []
        else:
            plain += lines[at : end + 1]
        at = end + 1
    if plain:
        yield "\n".join(plain)


def closes(line, fence):
    line = line.strip()
    return len(line) >= len(fence) and set(line) == {fence[0]}


def directive(opening, lines):
    indent, options, at = len(opening["indent"]), {}, 0
    lines = [it[indent:] if it[:indent].isspace() else it for it in lines]
    while at < len(lines) and (option := OPTION.fullmatch(lines[at].rstrip())):
        options[option["key"]] = option["value"] or ""
        at += 1
    return Directive(opening["kind"], opening["title"].strip(), options, "\n".join(lines[at:]).strip("\n"))
