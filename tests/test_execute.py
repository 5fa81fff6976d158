"""tools/execute.py on small notebooks of our own."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

SCRIPT = Path(__file__).parents[1] / "tools" / "execute.py"
PICTURE = """\
from IPython.display import display
display({"image/svg+xml": "<svg/>", "text/plain": "A peak of 3 at 5."}, raw=True)"""
TWO_WRITES = """\
import sys, time
print("one"); sys.stdout.flush(); time.sleep(0.3); print("two")"""


def write(path, *sources):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i}"
    notebook.cells[0].metadata["mystnb"] = {"image": {"alt": "A picture that is no longer there."}}
    notebook.metadata["language_info"] = {"name": "python", "version": "3.0.0"}
    nbformat.write(notebook, path)


def run(*paths):
    return subprocess.run([sys.executable, SCRIPT, *paths], capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two good notebooks and a failing one, run once."""
    folder = tmp_path_factory.mktemp("notebooks")
    write(folder / "good.ipynb", "import os; os.listdir()", PICTURE, TWO_WRITES)
    write(folder / "bad.ipynb", "1 / 0")
    before = (folder / "bad.ipynb").read_bytes()
    result = run(folder / "bad.ipynb", folder / "good.ipynb")
    return folder, before, result


def test_a_failing_notebook_is_left_alone_and_reported(folder):
    folder, before, result = folder
    assert result.returncode != 0
    assert "bad.ipynb" in result.stderr and "ZeroDivisionError" in result.stderr
    assert "good.ipynb" not in result.stderr
    assert (folder / "bad.ipynb").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["bad.ipynb", "good.ipynb"]


def test_the_others_are_run_all_the_same(folder):
    notebook = json.loads((folder[0] / "good.ipynb").read_text())
    listing, picture, writes = notebook["cells"]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [1, 2, 3]
    assert listing["outputs"][0]["data"]["text/plain"] == ["[]"]  # it runs in an empty folder
    assert picture["outputs"][0]["data"]["image/svg+xml"] == ["<svg/>"]
    assert [(output["output_type"], "".join(output["text"])) for output in writes["outputs"]] == [
        ("stream", "one\ntwo\n")
    ]


def test_metadata_holds_the_alternative_text_and_nothing_of_the_run(folder):
    notebook = json.loads((folder[0] / "good.ipynb").read_text())
    listing, picture, writes = notebook["cells"]
    assert picture["metadata"] == {"mystnb": {"image": {"alt": "A peak of 3 at 5."}}}
    assert listing["metadata"] == writes["metadata"] == {}
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def test_a_second_run_gives_the_same_bytes(folder):
    good = folder[0] / "good.ipynb"
    before = good.read_bytes()
    assert run(good).returncode == 0
    assert good.read_bytes() == before
