"""What reviewers see of a notebook."""

from words import words


def test_cells_and_outputs_in_words():
    picture = {"data": {"image/svg+xml": "<svg/>", "text/plain": ["a curve:\n", "1 at 0"]}}
    outputs = [{"text": ["one\n", "two\n"]}, picture, {"traceback": ["no"]}]
    cells = [
        {"cell_type": "markdown", "id": "a", "source": ["# Title\n", "Text."]},
        {"cell_type": "code", "id": "b", "source": "plot()", "outputs": outputs},
    ]
    text = "\n".join(words({"cells": cells}))
    assert text == "\n[markdown a]\n# Title\nText.\n\n[code b]\nplot()\n> one\n> two\n> a curve:\n> 1 at 0\n> no"
