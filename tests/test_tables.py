"""Tables: the same as text and in Markdown, where no sign of a cell is one of Markdown's."""

import pytest
from markdown_it import MarkdownIt

from unrolling.book import table

ROWS = [["a|b", "*one* `two`"], ["<b>", "[x](y) $z$ \\ _u_"], [3, 0.5]]


def test_markdown_shows_what_the_text_says():
    bundle = table(["first", "second"], ROWS)._repr_mimebundle_()
    tokens = MarkdownIt("commonmark").enable("table").parse(bundle["text/markdown"])
    cells = [token for token in tokens if token.type == "inline"]
    assert [token.content.replace("\\", "") for token in cells[:2]] == ["first", "second"]
    assert all(child.type == "text" for cell in cells for child in cell.children)
    shown = ["".join(child.content for child in cell.children) for cell in cells]
    assert shown == ["first", "second", *(str(it) for row in ROWS for it in row)]
    assert [line.split("  ")[0] for line in bundle["text/plain"].splitlines()] == ["first", "a|b", "<b>", "3"]


def test_rows_that_do_not_fit():
    with pytest.raises(ValueError, match="rows must be as long as the head, 2, got \\[2, 1\\]"):
        table(["a", "b"], [[1, 2], [1]])
