"""tools/plain.py: no directive and no role is left in a notebook that is given away."""

import json

import pytest
from notebooks import ROOT, notebooks
from plain import RAW, Plain, Quiz, blocks, linked

LABELS = {
    "address": "",
    "labels": {
        "a-theorem": {"page": "chapters/a.html#a-theorem", "number": "Theorem 6.1"},
        "a-formula": {"page": "chapters/a.html#equation-a-formula", "number": "(6.3)"},
        "a-figure": {"page": "chapters/a.html#a-figure", "number": "Figure 6.2"},
        "a-section": {"page": "chapters/a.html#a-section", "number": "", "title": "The section"},
        "a-exercise": {"page": "chapters/a.html#a-exercise", "number": "Exercise 4", "about": "level 1 · 10 minutes"},
    },
    "pages": {"chapters/a": {"title": "A chapter", "page": "chapters/a.html"}},
    "sources": {
        "one2022": {"authors": "One et al.", "year": "2022", "text": "Anna One and others. *Title*. 2022."},
        "two2024": {"authors": "Two", "year": "2024", "text": "Bob Two. Another. 2024."},
    },
}


@pytest.fixture
def plain(tmp_path):
    def new(address="", **options):
        path = tmp_path / "labels.json"
        path.write_text(json.dumps(LABELS | {"address": address}), "utf-8")
        return Plain(path, **options)

    return new


@pytest.mark.parametrize("path", notebooks(), ids=lambda it: it.stem)
def test_nothing_raw_is_left(path):
    notebook = Plain().notebook(json.loads(path.read_text("utf-8")), path.relative_to(ROOT).with_suffix("").as_posix())
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    texts += [
        "".join(output.get("data", {}).get("text/markdown", ""))
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
    ]
    assert [text[max(0, it.start() - 40) : it.end() + 40] for text in texts for it in RAW.finditer(text)] == []
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))


def test_what_is_raw_is_found():
    for text in ("see {eq}`a`", "```{note}\nx\n```", "(a-label)=\n# A", ":::{tip}", "  ```{math}", "[a](state:b)"):
        assert RAW.search(text), text
    assert not RAW.search("`{name}` is a set, ```python")


CASES = {
    "{prf:ref}`a-theorem` and {eq}`a-formula`": "Theorem 6.1 and (6.3)",
    "{numref}`a-figure`, {numref}`Picture %s <a-figure>`": "Figure 6.2, Picture 6.2",
    "{ref}`a-section`, {ref}`there <a-section>`": "The section, there",
    "[](#a-section), [here](#a-section)": "The section, here",
    "{cite:t}`one2022` {cite:p}`one2022,two2024`": "One et al. (2022) (One et al., 2022; Two, 2024)",
    "{func}`unrolling.unroll` {math}`x^2`": "`unrolling.unroll` $x^2$",
    "[A](a.ipynb) [B](notation.md#x) [C](https://c.example)": "A B [C](https://c.example)",
    "[the step $1/L$](state:explorer?method=a&t=3), `[x](state:y)`": "the step $1/L$, `[x](state:y)`",
    "a `{eq}` stays, and ``{eq}`x` ``": "a `{eq}` stays, and ``{eq}`x` ``",
    "(a-label)=\n# A title": "# A title",
    "$$\na = b\n$$ (a-formula)": "$$\na = b\n\\tag{6.3}\n$$",
    "```{math}\n:label: a-formula\na = b\n```": "$$\na = b\n\\tag{6.3}\n$$",
    "```{prf:theorem} Title\n:label: a-theorem\n\nIt holds.\n\n$$\na\n= b\n$$\n```": (
        "> **Theorem 6.1 (Title).** It holds.\n>\n> $$ a = b $$"
    ),
    "```{exercise} Do it\n:label: a-exercise\nNow.\n```": "> **Exercise 4 (Do it).** *level 1 · 10 minutes*\n>\n> Now.",
    "```{admonition} Proof\n:class: dropdown\nBy {eq}`a-formula`.\n```": "> **Proof.** By (6.3).",
    ":::{admonition} In this chapter\n**You learn** it.\n:::": "> **In this chapter.**\n>\n> **You learn** it.",
    "````{solution-start} a-exercise\n:class: dropdown\n````\nSo.\n\n````{solution-end}\n````": "**Solution.**\n\nSo.",
    "```{exercise-start} Do it\n:label: b\n```\nNow.\n\n```{exercise-end}\n```": "> **Exercise (Do it).**\n\nNow.",
    "```{solution} a-exercise\nSo.\n```": "**Solution.** So.",
    "```python\n{eq}`x`\n:::{note}\n```": "```python\n{eq}`x`\n:::{note}\n```",
    "```{raw} html\n<b>x</b>\n```": "",
    "::::{grid} 2\n:::{grid-item-card} Go\n:link: a\nThere.\n:::\n::::": "> **Go.** There.",
    "a\n\n```{note}\nb\n```\nc": "a\n\n> **Note.** b\n\nc",
}


@pytest.mark.parametrize("source", CASES)
def test_words(plain, source):
    assert plain().text(source, "chapters/index") == CASES[source]


def test_links_where_the_book_has_an_address(plain):
    text = plain("https://book.example/").text(
        "{prf:ref}`a-theorem` [A](a.ipynb) [x](#a-section) [y](a.ipynb#a-section) [z](state:f?t=3)", "chapters/a"
    )
    assert text == (
        "[Theorem 6.1](https://book.example/chapters/a.html#a-theorem) [A](https://book.example/chapters/a.html) "
        "[x](https://book.example/chapters/a.html#a-section) [y](https://book.example/chapters/a.html#a-section) "
        "[z](https://book.example/chapters/a.html#f?t=3)"
    )


def test_links_to_notebooks_that_are_there(plain):
    assert (
        plain(files=True).text("[A](a.ipynb), [](a.ipynb), [B](b.md)", "chapters/b")
        == "[A](a.ipynb), [A chapter](a.ipynb), B"
    )


QUIZ = """\
```{admonition} What grows?
:class: quiz
:name: a-quiz-grows
Which error,
by {eq}`a-formula`?

- [ ] That of $x$
  and more
  > **A belief.** No, see {prf:ref}`a-theorem`.
- [x] That of $\\partial x$
  > Because of the factor.
```"""


def test_a_quiz(plain):
    (box,) = blocks(QUIZ)
    quiz = Quiz.of(box)
    assert quiz.answers == [
        ("That of $x$ and more", False, "**A belief.** No, see {prf:ref}`a-theorem`."),
        ("That of $\\partial x$", True, "Because of the factor."),
    ]
    text = plain().text(QUIZ)
    assert text.startswith("**What grows?** Which error,\nby (6.3)?\n\n- (a) That of $x$ and more\n- (b)")
    assert "<details>" in text and "(b) Yes. Because" in text and "see Theorem 6.1." in text


def test_captions_and_references(plain):
    code = {
        "cell_type": "code",
        "id": "c",
        "metadata": {"mystnb": {"figure": {"name": "a-figure", "caption": "See {eq}`a-formula`."}}},
        "source": "",
        "outputs": [],
    }
    text = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": ["{cite:t}`two2024`,\n", "{cite:p}`one2022`"]}
    notebook = plain().notebook({"cells": [text, code], "metadata": {}})
    assert [it["source"] for it in notebook["cells"]] == [
        "Two (2024),\n(One et al., 2022)",
        "",
        "**Figure 6.2.** See (6.3).",
        "**References**\n\n- Anna One and others. *Title*. 2022.\n- Bob Two. Another. 2024.",
    ]


def test_addresses_in_references_keep_no_escapes():
    text = r"One\. https://a\.example/b\-c/, 2024\. [doi:10\.1](https://doi.org/10.1)\. https://b\.example/d\."
    assert linked(text) == (
        r"One\. <https://a.example/b-c/>, 2024\. [doi:10\.1](https://doi.org/10.1)\. <https://b.example/d>\."
    )
