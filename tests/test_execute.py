"""tools/execute.py on small notebooks of our own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from execute import METADATA

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


def start(*paths):
    return subprocess.Popen(
        [sys.executable, SCRIPT, *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def run(*paths):
    return finish(start(*paths))


def finish(process):
    """Wait for the end of a run and of its kernels, as they share its output."""
    try:
        process.printed, process.message = process.communicate(timeout=100)
    finally:
        process.kill()
    return process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A good notebook, one that fails, one that loses its kernel and one that is none, run once."""
    folder = tmp_path_factory.mktemp("notebooks")
    write(folder / "good.ipynb", "import os; os.listdir()", PICTURE, TWO_WRITES)
    write(folder / "bad.ipynb", "1 / 0")
    write(folder / "killed.ipynb", "import os; os.kill(os.getpid(), 9)")
    (folder / "none.ipynb").write_text("<<<<<<< HEAD")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    result = run(
        *(folder / name for name in ["bad.ipynb", "killed.ipynb", "none.ipynb", "missing.ipynb", "good.ipynb"])
    )
    return folder, before, result


def test_a_failing_notebook_is_left_alone_and_reported(folder):
    folder, before, result = folder
    assert result.returncode != 0
    assert "bad.ipynb" in result.message and "ZeroDivisionError" in result.message
    assert "good.ipynb" not in result.message
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert after.keys() == before.keys()
    assert [name for name in after if after[name] != before[name]] == ["good.ipynb"]


@pytest.mark.parametrize(
    "sentence",
    [
        "killed.ipynb: its kernel was killed, perhaps for want of memory; the notebook is as it was.",
        "none.ipynb: Notebook does not appear to be JSON: '<<<<<<< HEAD'",
        "missing.ipynb: No such file or directory; the notebook is as it was.",
    ],
)
def test_other_failures_are_one_sentence(folder, sentence):
    folder, _, result = folder
    assert f"{folder / sentence}\n" in result.message
    assert "Traceback" not in result.message.replace("Traceback (most recent call last)", "", 1)  # that of bad.ipynb


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
    assert notebook["metadata"] == METADATA


def test_a_script_made_of_it_is_python(folder, tmp_path):
    command = [sys.executable, "-m", "nbconvert", "--to", "script", "--output-dir", tmp_path, folder[0] / "good.ipynb"]
    subprocess.run(command, check=True, capture_output=True)
    assert [path.name for path in tmp_path.iterdir()] == ["good.py"]


def test_a_run_names_each_notebook_that_is_done_and_nothing_else(folder):
    _, _, result = folder
    assert re.fullmatch(r" *\d+ s  .*good\.ipynb\n", result.printed)
    assert "WARNING" not in result.message


def test_a_second_run_gives_the_same_bytes(folder):
    good = folder[0] / "good.ipynb"
    before = good.read_bytes()
    assert run(good).returncode == 0
    assert good.read_bytes() == before


def test_what_somebody_changes_meanwhile_is_left_so(tmp_path):
    path = tmp_path / "edited.ipynb"
    write(path, f"open({str(path)!r}, 'w').write('edited')")
    result = run(path)
    assert result.returncode != 0
    assert f"{path}: it was changed while it ran, and is left so; run it again.\n" in result.message
    assert path.read_text() == "edited"


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_an_interruption_ends_at_once_with_a_sentence(tmp_path):
    started = tmp_path / "started"
    write(tmp_path / "long.ipynb", f"open({str(started)!r}, 'w'); import time; time.sleep(60)")
    process = start(tmp_path / "long.ipynb")
    wait_for(started.exists)
    process.send_signal(signal.SIGINT)
    assert "Interrupted; each notebook is as it was, or done.\n" in finish(process).message
    assert process.returncode == 130


def wait_for(condition):
    for _ in range(10_000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")
