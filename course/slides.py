"""Slides for the course's sessions: python course/slides.py SITE FOLDER

A deck, ``course/slides/NUMBER-WORD.md``, is short: headings, few words, and names. What has a name is taken from where
the book has it, so that a slide cannot say anything else: pictures, live figures, printed lines and code from a
chapter's cells, by the cell's id; statements, equations, exercises, quizzes and sections from the built pages, by their
label.

A slide begins with a heading and its minutes, ``## Title {4}``; the first one, with ``#``, is the session's title.

Directives, each a fence, ```` ```{picture} curse-02 left ````:

picture CELL [left, right]   a stored picture, or one of its two panels
live CELL                    an interactive figure, which print shows as the still picture
printed CELL [1-3,5]         what a cell prints, or some of its lines
code CELL [1-9]              its code
statement, exercise LABEL    a theorem, a definition, an exercise, with number and link
equation LABEL               a numbered formula
section CHAPTER ID [1-3]     the lists and paragraphs of a section, or some items
rows CHAPTER ID 1-5          rows of its tables: the second and the third column
columns                      two columns, with +++ between them
step                         what appears with the next key
poll                         answers, - [ ] wrong, - [x] right; the right one shows with the next key
quiz NAME                    a chapter's quiz as a poll; its reasons go to the notes
objectives, next             what course.toml says of the session: aims; homework, and reading for the next one
notes                        for the speaker's window, on every slide; the minutes are put in front

The role {says}`CELL TEXT` writes TEXT, and is an error unless that cell prints it. The book's roles that refer, such as
{prf:ref}, {eq} and {numref}, become links. Formulas are typeset as in the book; in notes they are MathML, as the
speaker's window has no style.

An error is: an unknown name; a number with decimals or of three digits and more that is typed and not named; more than
45 words of one's own on a slide; a slide without notes or minutes; minutes that do not sum to the session's; an
exercise of the session that no slide shows.
"""

import html
import json
import os
import re
import shutil
import sys
import tomllib
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path += [str(ROOT / "site/ext"), str(ROOT / "tools")]
from book_math import NPM, Typesetter  # noqa: E402
from plain import Quiz, blocks, is_quiz  # noqa: E402

COPIED = {
    NPM / "reveal.js/dist/reveal.js": "reveal.js",
    NPM / "reveal.js/dist/reveal.css": "reveal.css",
    NPM / "reveal.js/dist/plugin/notes.js": "notes.js",
    **{ROOT / "site/static" / name: name for name in ("residual.js", "plots.js", "interactive.js", "interactive.css")},
    HERE / "slides.js": "slides.js",
    HERE / "slides.css": "slides.css",
}
STYLES = ["reveal.css", "katex/katex.min.css", "fonts.css", "code.css", "interactive.css", "slides.css"]
SCRIPTS = ["reveal.js", "notes.js", "slides.js", "residual.js", "plots.js", "interactive.js"]
WORDS = 45  # of one's own, on a slide
COLUMNS, LINES = 1130, 470  # pixels that printed lines and code may take
TYPED = re.compile(r"(?<![\w.])\d+(?:\.\d+|\d{2,})(?![\w.]*\w)")
FIGURE = "application/vnd.unrolling+json"


class Book:
    """What slides take from the book: cells from the notebooks, everything with a label from the built pages."""

    def __init__(self, site, up):
        self.site, self.up = site, up
        self.cells, self.sources, self.texts, self.at = {}, {}, {}, {}
        for path in sorted((ROOT / "chapters").rglob("*.ipynb")):
            if path.match(".ipynb_checkpoints/*"):
                continue
            page = path.relative_to(ROOT).with_suffix(".html").as_posix()
            cells = json.loads(path.read_text("utf-8"))["cells"]
            self.cells |= {cell["id"]: cell for cell in cells}
            self.sources[path.stem] = "\n\n".join(
                "".join(it["source"]) for it in cells if it["cell_type"] == "markdown"
            )
            if not (site / page).exists():
                continue  # it is not in the table of contents
            self.texts[page] = (site / page).read_text("utf-8")
            # A section's name, such as summary, is on many pages; labels are on one.
            self.at |= dict.fromkeys(re.findall(r'\bid="([^"]+)"', self.texts[page]), page)
        self.pages = {Path(page).stem: page for page in self.texts}

    def cell(self, name):
        if name not in self.cells:
            raise LookupError(f"no cell has the id {name}")
        return self.cells[name]

    def data(self, name, kind):
        found = [it["data"][kind] for it in self.cell(name).get("outputs", ()) if kind in it.get("data", {})]
        if not found:
            raise LookupError(f"the cell {name} has no output {kind}")
        return found[0] if isinstance(found[0], dict) else "".join(found[0])

    def printed(self, name):
        return "".join("".join(it["text"]) for it in self.cell(name).get("outputs", ()) if "text" in it)

    def page(self, chapter):
        if chapter not in self.pages:
            raise LookupError(f"the book has no chapter {chapter}")
        return self.pages[chapter]

    def title(self, chapter):
        heading = re.search(r"<h1>(.*?)<", self.texts[self.page(chapter)])
        return html.unescape(heading[1])

    def link(self, chapter, label=""):
        return f"{self.up}/{self.page(chapter)}{'#' * bool(label)}{label}"

    @cache  # noqa: B019
    def element(self, label, page=None):
        """The HTML of what has the label, and its address: without parsing the whole page."""
        page = page or self.at.get(label)
        text = self.texts.get(page, "")
        begin = re.search(rf'<(\w+)\b[^>]*\bid="{re.escape(label)}"[^>]*>', text)
        if not begin:
            raise LookupError(f"nothing in the book has the label {label}")
        depth = 0
        for tag in re.finditer(rf"<(/?){begin[1]}\b[^>]*>", text[begin.start() :]):
            depth += -1 if tag[1] else 1
            if depth == 0:
                break
        return text[begin.start() : begin.start() + tag.end()], f"{self.up}/{page}#{label}"

    def box(self, label):
        """A statement or an exercise, for a slide: without links and names of its own."""
        source, address = self.element(label)
        box = cleaned(source)
        if not box.select_one(".admonition-title"):
            raise LookupError(f"{label} is no statement or exercise")
        return box, address

    def called(self, label):
        """How the book calls what has the label: Theorem 6.1, (5.2), Figure 7.2, or the title of a section."""
        if f"equation-{label}" in self.at:
            source, address = self.element(f"equation-{label}")
            return cleaned(source).select_one(".eqno").get_text(strip=True), address
        source, address = self.element(label)
        number = cleaned(source).select_one(".caption-number")
        if number:
            return number.get_text().strip(), address
        text = self.texts[self.at[label]]
        heading = re.compile(r"<h\d>.*?</h\d>", re.S).search(text, text.index(f'id="{label}"'))
        return cleaned(heading[0]).get_text().strip(), address

    def quiz(self, name):
        for source in self.sources.values():
            for box in filter(is_quiz, blocks(source)):
                if (found := Quiz.of(box)).label == name:
                    return found
        raise LookupError(f"no chapter has a quiz named {name}")


def cleaned(source):
    it = BeautifulSoup(source, "html.parser").find()
    for link in it.select("a.tick, a.headerlink"):
        link.extract()
    for link in it.select("a"):
        link.unwrap()
    for part in it.select("section"):
        part.name = "div"  # reveal.js would take it for a slide
    for part in [it, *it.select("[id], [tabindex]")]:
        del part["id"], part["tabindex"]
    return it


def numbers(chosen):
    """1, 2, 3 and 5, as 1-3,5 names them."""
    ranges = [[int(n) for n in part.split("-")] for part in chosen.split(",")]
    return [n for first, *last in ranges for n in range(first, (last or [first])[0] + 1)]


def lines_of(text, chosen):
    """The lines of a text, or some of them."""
    lines = text.rstrip().split("\n")
    return [lines[n - 1] for n in numbers(chosen)] if chosen else lines


def fitting(lines, largest):
    """The size of letters, in pixels, at which lines of a fixed pitch fit a slide."""
    size = min(largest, COLUMNS / (0.61 * max(map(len, lines))), LINES / (1.35 * len(lines)))
    if size < 18:
        raise ValueError(
            f"{len(lines)} lines of up to {max(map(len, lines))} characters do not fit a slide: choose some"
        )
    return f"font-size: {size:.1f}px"


class Deck:
    def __init__(self, book, session, sessions, folder):
        self.book, self.session, self.sessions, self.folder = book, session, sessions, folder
        self.shown, self.reasons, self.in_notes, self.quoting = set(), "", False, False
        self.markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])
        self.markdown.use(dollarmath_plugin).use(myst_role_plugin)
        rules = self.markdown.renderer.rules
        rules["math_inline"] = lambda tokens, i, *_: Typesetter.html(tokens[i].content, False)
        rules["math_block"] = lambda tokens, i, *_: Typesetter.html(tokens[i].content, True)
        rules["myst_role"] = lambda tokens, i, *_: self.role(tokens[i].meta["name"], tokens[i].content)
        rules["fence"] = lambda tokens, i, *_: self.fence(tokens[i].info, tokens[i].content)
        rules["link_open"] = lambda tokens, i, *_: self.linked(tokens[i].attrs["href"])
        rules["text"] = lambda tokens, i, *_: self.own(tokens[i].content)

    # What is written on slides

    def text(self, source):
        return self.markdown.render(source)

    def own(self, text):
        """Words of one's own."""
        if not self.quoting and (typed := TYPED.search(text)):
            raise ValueError(f"the number {typed[0]} is typed: name the cell that prints it, with {{says}}")
        if not self.in_notes:
            self.words += len(re.findall(r"\w[\w'’-]*", text))
        return html.escape(text, quote=False)

    def role(self, name, content):
        if name == "says":
            cell, said = content.split(" ", 1)
            if not re.search(rf"(?<![\w.]){re.escape(said)}(?![\w.]*\w)", self.book.printed(cell)):
                raise ValueError(f"the cell {cell} does not print {said}")
            return f"<b>{html.escape(said)}</b>"
        if name in ("prf:ref", "eq", "numref", "ref"):
            named = re.fullmatch(r"(.*\S)\s*<(\S+)>", content)
            called, address = self.book.called(named[2] if named else content)
            return f'<a href="{address}" target="book">{html.escape(named[1] if named else called)}</a>'
        raise LookupError(f"slides have no role {name}")

    def linked(self, target):
        """A link as chapters have it: to a label of the book, or to a chapter's file."""
        address, _, label = target.partition("#")
        link = self.book.link(Path(address).stem, label) if address else self.book.called(label)[1]
        return f'<a href="{link}" target="book">'

    def fence(self, info, content):
        found = re.fullmatch(r"\{(\w+)\} *(\S*) *(.*)", info.strip())
        if not found:
            lines = content.rstrip().split("\n")
            return self.highlighted(lines)
        kind, name, rest = found.groups()
        if not hasattr(self, f"put_{kind}"):
            raise LookupError(f"slides have no directive {kind}")
        return getattr(self, f"put_{kind}")(name, rest.strip(), content)

    def source(self, address, what="in the book"):
        return f'<a class="source" href="{address}" target="book">{what}</a>'

    def put_picture(self, name, rest, content):
        drawing = self.book.data(name, "image/svg+xml")
        alt = self.book.data(name, "text/plain").strip()
        if rest:
            width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing).groups())
            at, part = {"left": (0, 0.511), "right": (0.511, 0.489)}[rest]
            size = f'width="{part * width}pt" height="{height}pt" viewBox="{at * width} 0 {part * width} {height}"'
            drawing = re.sub(r'width="[\d.]+pt" height="[\d.]+pt" viewBox="[^"]*"', size, drawing, count=1)
            alt = f"The {rest} one of two panels. {alt}"
        file = self.folder / "pictures" / f"{name}{'-' * bool(rest)}{rest}.svg"
        file.parent.mkdir(exist_ok=True)
        file.write_text(drawing, "utf-8")
        return f'<img class="picture" alt="{html.escape(alt)}" src="pictures/{file.name}">\n'

    def put_live(self, name, rest, content):
        figure = self.book.data(name, FIGURE)["figure"]
        picture = self.put_picture(name, rest, content)
        return f'<div class="interactive" data-figure="{figure}" data-prevent-swipe><div>{picture}</div></div>\n'

    def put_printed(self, name, rest, content):
        if not self.book.printed(name):
            raise LookupError(f"the cell {name} prints nothing")
        lines = lines_of(self.book.printed(name), rest)
        return f'<pre class="printed" style="{fitting(lines, 40)}">{html.escape(chr(10).join(lines))}</pre>\n'

    def put_code(self, name, rest, content):
        return self.highlighted(lines_of("".join(self.book.cell(name)["source"]), rest))

    def highlighted(self, lines):
        code = highlight("\n".join(lines), PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()
        return f'<pre class="code" style="{fitting(lines, 30)}">{code}</pre>\n'

    def put_statement(self, name, rest, content):
        box, address = self.book.box(name)
        self.shown.add(name)
        if level := box.select_one(".level"):
            level.string = f"{self.minutes} minutes"  # in class; the book says how long it takes alone
        box["class"] = [*box["class"], "fit"]
        box.select_one(".admonition-title").append(BeautifulSoup(self.source(address), "html.parser"))
        return str(box)

    put_exercise = put_statement

    def put_equation(self, name, rest, content):
        source, address = self.book.element(f"equation-{name}")
        it = cleaned(source)
        number = it.select_one(".eqno").get_text(strip=True)
        formula = it.select_one(".katex-display") or it.select_one(".katex")
        return f'<div class="equation">{formula}{self.source(address, number)}</div>'

    def put_section(self, name, rest, content):
        section, items = rest.split()[0], rest.split()[1:]
        source, _ = self.book.element(section, self.book.page(name))
        parts = cleaned(source).find_all(["ul", "ol", "p"], recursive=False)
        if items:  # some items of its first list
            rows = [it for part in parts if part.name in ("ul", "ol") for it in part.find_all("li", recursive=False)]
            chosen = numbers(items[0])
            return '<ul class="section fit">' + "".join(str(rows[i - 1]) for i in chosen) + "</ul>"
        return '<div class="section fit">' + "".join(map(str, parts)) + "</div>"

    def put_rows(self, name, rest, content):
        section, chosen = rest.split()
        source, address = self.book.element(section, self.book.page(name))
        rows = cleaned(source).select("tbody tr")
        some = [rows[i - 1] for i in numbers(chosen)]
        body = "".join("<tr>" + "".join(map(str, row.find_all(["td", "th"])[1:3])) + "</tr>" for row in some)
        head = "<tr><th>If …</th><th>then …</th></tr>"
        return f'<table class="rows fit"><thead>{head}</thead><tbody>{body}</tbody></table>{self.source(address)}'

    def put_columns(self, name, rest, content):
        parts = "".join(f"<div>{self.text(it)}</div>" for it in re.split(r"^\+\+\+$", content, flags=re.M))
        return f'<div class="columns {name}">{parts}</div>'

    def put_step(self, name, rest, content):
        return f'<div class="fragment">{self.text(content)}</div>'

    def answers(self, items):
        """Pairs of a text and whether it is right."""
        if sum(right for _, right in items) != 1:
            raise ValueError("a poll needs one right answer")
        words = self.words
        rows = "".join(
            f'<li class="{"fragment custom right" if right else "wrong"}">{self.markdown.renderInline(text)}</li>'
            for text, right in items
        )
        self.words = words
        return f'<ol class="poll">{rows}</ol>'

    def put_poll(self, name, rest, content):
        """Answers to choose from before anything is shown, whose words are not counted."""
        items = re.findall(r"^- \[([ x])\] (.*?)(?=^- \[|\Z)", content, re.M | re.S)
        return self.answers([(" ".join(text.split()), mark == "x") for mark, text in items])

    def put_quiz(self, name, rest, content):
        """A quiz of the book, whose words and numbers are not one's own."""
        quiz = self.book.quiz(name)
        words, self.quoting = self.words, True
        poll = f'<div class="question">{self.text(quiz.question)}</div>'
        poll += self.answers([(text, right) for text, right, _ in quiz.answers])
        reasons = (f"<li>{self.text(reason)}</li>" for *_, reason in quiz.answers)
        self.reasons = f'<ol type="A">{"".join(reasons)}</ol>'
        self.words, self.quoting = words, False
        return poll

    def put_objectives(self, name, rest, content):
        rows = "".join(f"<li>{self.markdown.renderInline(it['text'])}</li>" for it in self.session["objectives"])
        self.words = 0
        return f'<ul class="aims">{rows}</ul>'

    def put_next(self, name, rest, content):
        """Homework of the session, and what to read for the next one."""
        labels = dict.fromkeys(it for aim in self.session["objectives"] for it in aim["homework"])
        rows = ""
        for label in labels:
            box, address = self.book.box(label)
            title = box.select_one(".admonition-title")
            level = title.select_one(".level")
            about = f' <span class="level">{level.extract().get_text()}</span>' if level else ""
            rows += f'<li><a href="{address}" target="book">{title.decode_contents().strip()}</a>{about}</li>'
        parts = [f"<h3>Homework</h3><ul>{rows}</ul>"]
        after = next((it for it in self.sessions if it["number"] == self.session["number"] + 1), None)
        if after:
            parts.append(f"<h3>Read before the next session, {after['title']}</h3>{self.chapters(after)}")
        return '<div class="columns next">' + "".join(f"<div>{part}</div>" for part in parts) + "</div>"

    def chapters(self, session):
        links = (
            f'<li><a href="{self.book.link(it)}" target="book">{html.escape(self.book.title(it))}</a></li>'
            for it in session["chapters"]
        )
        return f"<ul>{''.join(links)}</ul>"

    def put_notes(self, name, rest, content):
        self.in_notes = True
        notes = BeautifulSoup(self.text(content) + self.reasons, "html.parser")
        self.in_notes = False
        self.reasons = ""
        for formula in notes.select(".katex"):
            formula.replace_with(formula.select_one("math"))
        for it in notes.select("annotation"):
            it.extract()
        first, last = self.spent, self.spent + self.minutes
        when = (
            f"<p><b>{self.minutes} minutes</b>, from {first // 60}:{first % 60:02} to {last // 60}:{last % 60:02}</p>"
        )
        return f'<aside class="notes">{when}{notes}</aside>'

    # The deck

    def whole(self, source):
        """All slides, if they are the session's plan."""
        sections = list(self.slides(source))
        if self.spent != self.session["minutes"]:
            raise ValueError(
                f"{self.session['deck']}: the slides take {self.spent} minutes, not {self.session['minutes']}"
            )
        for label in (it for aim in self.session["objectives"] for it in aim["class"]):
            if label not in self.shown:
                raise LookupError(f"{self.session['deck']}: no slide shows the session's exercise {label}")
        return sections

    def slides(self, source):
        self.spent = 0
        for part in parts_of(source):
            heading, _, body = part.partition("\n")
            try:
                yield self.slide(heading, body)
            except (LookupError, ValueError) as error:
                raise type(error)(f"{self.session['deck']}, {heading}: {error}") from error

    def slide(self, heading, body):
        found = re.fullmatch(r"(##?) (.+) \{(\d+)\}", heading)
        if not found:
            raise ValueError("a slide begins with ## Title {minutes}")
        level, title, minutes = found.groups()
        self.words, self.minutes = 0, int(minutes)
        content = self.text(body)
        if self.words > WORDS:
            raise ValueError(f"{self.words} words of your own are too many for a slide")
        if content.count('<aside class="notes">') != 1:
            raise ValueError("a slide needs notes, once")
        self.spent += self.minutes
        words, kind = self.markdown.renderInline(title), ""
        if level == "#":
            if title != self.session["title"]:
                raise ValueError(f"the session's title is {self.session['title']}")
            about = f"Session {self.session['number']} of {len(self.sessions)}"
            kind = ' class="title"'
            head = f'<p class="about">{about}</p><h1>{words}</h1>'
            content = f'<div class="chapters">{self.chapters(self.session)}</div>{content}'
        else:
            head = f"<h2>{words}</h2>"
        content, _, notes = content.partition('<aside class="notes">')
        body = f'<div class="body">\n{content}</div>\n<aside class="notes">{notes}'
        return f'<section{kind} data-timing="{60 * self.minutes}">\n{head}\n{body}</section>'


def parts_of(source):
    """The slides of a deck: what begins with a heading, outside of fences."""
    parts, fence = [], None
    for line in source.split("\n"):
        if mark := re.match(r"`{3,}", line):
            fence = mark[0] if fence is None else None if line.strip() == fence else fence
        if fence is None and re.match(r"##? ", line):
            parts.append("")
        if parts:
            parts[-1] += line + "\n"
        elif line.strip():
            raise ValueError(f"before the first heading: {line}")
    return parts


def page(title, body, styles=STYLES, scripts=SCRIPTS):
    links = "".join(f'<link rel="stylesheet" href="{it}">' for it in styles)
    links += "".join(f'<script src="{it}" defer></script>' for it in scripts)
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
    )
    return (
        '<!doctype html>\n<html lang="en" data-theme="light">\n'
        f"<head>{head}\n{links}</head>\n<body>{body}</body>\n</html>\n"
    )


def copy_parts(site, folder):
    """What decks share: reveal.js, the figures, KaTeX's styles, and the book's faces."""
    for origin, name in COPIED.items():
        shutil.copyfile(origin, folder / name)
    (folder / "katex").mkdir(exist_ok=True)
    css = (NPM / "katex/dist/katex.min.css").read_text("utf-8")
    only_woff2 = re.sub(r',url\([^)]*\) format\("(woff|truetype)"\)', "", css)
    (folder / "katex/katex.min.css").write_text(only_woff2, "utf-8")
    woff2 = shutil.ignore_patterns("*.ttf", "*.woff")
    shutil.copytree(NPM / "katex/dist/fonts", folder / "katex/fonts", ignore=woff2, dirs_exist_ok=True)
    faces = site / "_static/type.css"
    (folder / "fonts.css").write_text(faces.read_text("utf-8") if faces.exists() else "", "utf-8")
    if faces.exists():
        shutil.copytree(site / "_static/type", folder / "type", dirs_exist_ok=True)
    colours = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".code")
    (folder / "code.css").write_text(colours, "utf-8")


def build(site, folder):
    """Write all decks, and a page that lists them."""
    sessions = tomllib.loads((HERE / "course.toml").read_text("utf-8"))["session"]
    folder.mkdir(parents=True, exist_ok=True)
    copy_parts(site, folder)
    up = os.environ.get("BOOK_ADDRESS", "").rstrip("/") or os.path.relpath(site, folder).replace(os.sep, "/")
    book = Book(site, up)
    rows = ""
    for session in sessions:
        deck = Deck(book, session, sessions, folder)
        sections = deck.whole((HERE / f"slides/{session['deck']}.md").read_text("utf-8"))
        slides = "\n".join(sections)
        body = f'<main><div class="reveal"><div class="slides">\n{slides}\n</div></div></main>'
        (folder / f"{session['deck']}.html").write_text(page(session["title"], body), "utf-8")
        print(f"{session['deck']}: {len(sections)} slides, {deck.spent} minutes")
        name = f"{session['deck']}.html"
        rows += f'<li><a href="{name}">{session["title"]}</a> <a href="{name}?view=print">to print</a></li>'
    keys = "Next: space or →. Speaker’s window: S. Overview: Esc. Dark: B. Print: as PDF, from “to print”."
    body = f'<main class="list"><h1>Slides</h1><ol>{rows}</ol><p>{keys}</p></main>'
    (folder / "index.html").write_text(page("Slides", body, ["fonts.css", "slides.css"], []), "utf-8")


if __name__ == "__main__":
    try:
        build(*(Path(it).resolve() for it in sys.argv[1:]))
    except (LookupError, ValueError) as error:
        sys.exit(f"The slides could not be built: {error}")
