"""Notebooks in words that any notebook program shows: MyST's directives and roles, spelled out.

A theorem becomes a quotation that begins with its number, a reference the words that the page has, a citation its
authors and year, with a list at the end. Numbers, titles and sources come from labels.json, which the site's build
writes (site/ext/book_plain.py), so they are those of the pages; without that file, references are words alone.
"""

import copy
import json
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

OPENING = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|:{3,}|~{3,})(?:\{(?P<kind>[\w:-]+)\})?(?P<title>.*)")
OPTION = re.compile(r":(?P<key>[\w-]+):(?: +(?P<value>.*))?")
TARGET = re.compile(r"^\(([\w-]+)\)=\n", re.MULTILINE)
NUMBERED = re.compile(r"^( *)\$\$ *\(([\w-]+)\) *$", re.MULTILINE)
CODE = r"(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
ROLE = re.compile(r"\{(?P<role>[\w:+-]+)\}`(?P<content>[^`]+)`|" + CODE, re.DOTALL)
LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\]]*)\]\((?=[^)])"
    r"(?:state:(?P<state>[^)]+)|(?P<file>[\w./-]+\.(?:ipynb|md))?(?P<anchor>#[\w-]+)?)\)|" + CODE,
    re.DOTALL,
)
FORMULA = re.compile(r"(?<!\\)\$\$.*?\$\$|(?<!\\)\$[^$]+\$|" + CODE, re.DOTALL)
RAW = re.compile(
    r"(?<!`)\{[\w:+-]+\}`(?=[^\s`])|^ *(?:`{3,}|:{3,}|~{3,})\{|^:{3,}|^\([\w-]+\)=$|\]\(state:", re.MULTILINE
)
ANSWER = re.compile(r"^- \[(?P<mark>[ x])\] ", re.MULTILINE)


@dataclass
class Directive:
    kind: str
    title: str
    options: dict = field(default_factory=dict)
    body: str = ""

    @property
    def label(self):
        return self.options.get("label") or self.options.get("name", "")


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


@dataclass
class Quiz:
    """A question for self-checking: what is asked, and the answers, each with whether it is right, and the reason."""

    title: str
    label: str
    question: str
    answers: list

    @classmethod
    def of(cls, box):
        question, *parts = ANSWER.split(box.body)
        answers = []
        for mark, part in zip(parts[::2], parts[1::2], strict=True):
            lines = part.rstrip().split("\n")
            said = [it for it in lines if not it.lstrip().startswith(">")]
            why = [re.sub(r"^\s*> ?", "", it) for it in lines if it.lstrip().startswith(">")]
            answers.append((" ".join(" ".join(said).split()), mark == "x", "\n".join(why).strip()))
        return cls(box.title, box.label, question.strip(), answers)


def is_quiz(block):
    return isinstance(block, Directive) and "quiz" in block.options.get("class", "").split()


def linked(text):
    """A source in Markdown, its bare addresses in a form that keeps no escapes."""
    return re.sub(r"(?<!\]\()https?://\S+?(?=[\\.,]*(?:\s|$))", lambda it: f"<{it[0].replace(chr(92), '')}>", text)


class Plain:
    """Turns Markdown with directives into Markdown without, by what labels.json knows of the book.

    Links lead to the published pages if it has their address; else those to notebooks stay where ``files`` says that
    these are beside one another, and the rest is words. ``cited`` collects what is to be listed.
    """

    def __init__(self, labels=None, files=False):
        found = json.loads(Path(labels).read_text("utf-8")) if labels else {}
        self.address, self.files = found.get("address", ""), files
        self.labels, self.pages, self.sources = (found.get(it, {}) for it in ("labels", "pages", "sources"))
        self.cited = []

    def notebook(self, notebook, page=""):
        """The whole notebook, with the captions of its figures, and the list of what it cites."""
        self.cited, cells = [], []
        for cell in copy.deepcopy(notebook["cells"]):
            if cell["cell_type"] == "markdown":
                cell["source"] = self.text("".join(cell["source"]), page)
                if not cell["source"]:
                    continue
            cells.append(cell)
            cells += self.caption(cell, page)
        return {**notebook, "cells": cells + self.references()}

    def caption(self, cell, page=""):
        """The cell below a figure: its number, and what is to be seen."""
        figure = cell["metadata"].get("mystnb", {}).get("figure")
        if not figure:
            return []
        head = self.known(figure["name"]).get("number", "Figure")
        return [text_cell(f"**{head}.** {self.text(figure['caption'], page)}", f"{cell['id'][:50]}-caption")]

    def references(self):
        """A cell with the sources that were cited, if any."""
        known = [linked(self.sources[it]["text"]) for it in sorted(self.cited) if it in self.sources]
        return [text_cell("**References**\n\n" + "\n".join(f"- {it}" for it in known), "references")] if known else []

    def text(self, source, page=""):
        parts = [self.inline(it, page) if isinstance(it, str) else self.box(it, page) for it in blocks(source)]
        return "\n\n".join(it.strip("\n") for it in parts if it.strip())

    def box(self, box, page=""):
        """A directive in words."""
        kind = box.kind.split(":")[-1]
        if kind in ("raw", "solution-end", "exercise-end", "contents", "tableofcontents"):
            return ""
        if kind == "math":
            return self.inline(f"$$\n{box.body or box.title}\n$$" + (f" ({box.label})" if box.label else ""), page)
        if kind in ("solution", "solution-start"):
            return f"**Solution.** {self.text(box.body, page)}".strip()
        if kind == "grid":
            return self.text(box.body, page)
        if is_quiz(box):
            return self.quiz(Quiz.of(box), page)
        title = self.inline(box.title, page)
        if link := box.options.get("link"):
            title = self.link(title, f"{link}.ipynb", "", page)
        number = self.known(box.label).get("number", "")
        if kind == "admonition" or box.kind == "grid-item-card":
            head = title
        else:
            name = number or kind.removesuffix("-start").replace("-", " ").capitalize()
            head = f"{name} ({title})" if title else name
        body = self.text(box.body, page)
        if about := self.known(box.label).get("about"):
            body = f"*{about}*\n\n{body}"
        head = ended(head)
        apart = "\n\n" if re.match(r"[-*] |\*\*|\$\$|[>|#`<]|\d+\. ", body) else " "
        return quoted(f"{head}{apart}{body}".rstrip())

    def quiz(self, quiz, page):
        letters = "abcde"
        said = [f"- ({letter}) {self.inline(it[0], page)}" for letter, it in zip(letters, quiz.answers, strict=False)]
        reasons = [
            f"({letter}) {'Yes' if right else 'No'}. {self.text(why, page)}"
            for letter, (_, right, why) in zip(letters, quiz.answers, strict=False)
        ]
        folded = "\n\n".join(["<details><summary>The answers, with reasons</summary>", *reasons, "</details>"])
        asked = f"{ended(self.inline(quiz.title, page))} {self.text(quiz.question, page)}"
        return "\n\n".join([asked, "\n".join(said), folded])

    def inline(self, text, page=""):
        """Markdown without roles, targets and labels of equations."""
        text = NUMBERED.sub(lambda it: f"{it[1]}{self.tag(it[2])}$$", TARGET.sub("", text))
        text = ROLE.sub(lambda it: self.role(it["role"], it["content"], page) if it["role"] else it[0], text)
        return LINK.sub(lambda it: it[0] if it["ticks"] else self.linked(it, page), text)

    def tag(self, label):
        number = self.known(label).get("number", "").strip("()")
        return f"\\tag{{{number}}}\n" if number else ""

    def role(self, role, content, page):
        explicit = re.fullmatch(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", content, re.DOTALL)
        text, target = (explicit["text"], explicit["target"]) if explicit else ("", content.strip())
        kind = role.split(":")[-1]
        if role.startswith("cite"):
            return self.citation([it.strip() for it in content.split(",")], role.endswith(":t"))
        if kind in ("eq", "ref", "numref", "doc"):
            known = self.pages if kind == "doc" else self.labels
            target = str(PurePosixPath(page).parent / target) if kind == "doc" else target
            words = text.replace("{number}", "%s").replace("%s", self.number(target)) or self.words(target)
            return self.to(words, known.get(target, {}).get("page", ""))
        if kind in ("func", "class", "mod", "meth", "obj", "attr", "data", "program", "file", "command"):
            return f"`{text or target.lstrip('~')}`"
        return f"${content}$" if kind == "math" else content if not explicit else text

    def citation(self, keys, textual):
        self.cited += [it for it in keys if it not in self.cited]
        known = [(it["authors"], it["year"]) for it in (self.sources.get(key) for key in keys) if it]
        if not known:
            return ", ".join(keys) if textual else f"({', '.join(keys)})"
        if textual:
            return ", ".join(f"{authors} ({year})" for authors, year in known)
        return f"({'; '.join(f'{authors}, {year}' for authors, year in known)})"

    def linked(self, match, page):
        if match["state"]:  # of a figure that is live on the page
            known = self.pages.get(page, {}).get("page", "")
            return self.to(match["text"], known and f"{known}#{match['state']}")
        return self.link(match["text"], match["file"] or "", match["anchor"] or "", page)

    def link(self, text, file, anchor, page):
        """A link to a place of the book, or what it says."""
        known = self.labels.get(anchor[1:], {}) if anchor else {}
        if not file:
            return self.to(text or self.words(anchor[1:]), known.get("page", ""))
        name = normal(PurePosixPath(page).parent / PurePosixPath(file).with_suffix(""))
        text = text or self.pages.get(name, {}).get("title", name)
        if not self.address and self.files and file.endswith(".ipynb"):
            return f"[{text}]({file})"
        return self.to(text, known.get("page") or self.pages.get(name, {}).get("page", ""))

    def to(self, words, page):
        return f"[{words}]({self.address}{page})" if self.address and page else words

    def known(self, label):
        return self.labels.get(label, {})

    def number(self, label):
        return re.sub(r"^\D*", "", self.known(label).get("number", "")).strip("()")

    def words(self, target):
        """What a reference without a text of its own says."""
        known = self.known(target) or self.pages.get(target, {})
        return known.get("number") or known.get("title") or target.replace("-", " ")


def normal(path):
    """The path, without its dots."""
    parts = []
    for part in path.parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def ended(head):
    """A heading that stands in a line."""
    return f"**{head}**" if head.endswith((".", "?", "!", ":")) else f"**{head}.**"


def quoted(text):
    """The text as a quotation. A formula goes on one line, or Jupyter would take the marks for a part of it."""
    text = FORMULA.sub(lambda it: it[0] if it["ticks"] else " ".join(it[0].split()), text)
    return "\n".join(f"> {it}".rstrip() for it in text.split("\n"))


def text_cell(source, name):
    return {"cell_type": "markdown", "id": name[-64:], "metadata": {}, "source": source}
