"""tools/execute.py on small notebooks of our own."""

import errno
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from execute import METADATA, attempt

SCRIPT = Path(__file__).parents[1] / "tools" / "execute.py"
KILLS = int(os.environ.get("KILLS", 1))  # make test-killed has more
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


def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(tmp_path, monkeypatch):
    path = tmp_path / "long.ipynb"
    write(path, "1")
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    assert attempt(path) == f"{path}: No space left on device; the notebook is as it was."
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_run_left_is_removed_but_not_what_another_writes_now(tmp_path):
    old, young = tmp_path / "tmpold.part", tmp_path / "tmpyoung.part"
    for part in (old, young):
        part.write_text("{")
    os.utime(old, (0, 0))
    write(tmp_path / "good.ipynb", "1")
    assert run(tmp_path / "good.ipynb").returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.ipynb", "tmpyoung.part"]


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


WRITER = """\
import itertools, sys
from pathlib import Path
_, tools, path, letter = sys.argv
sys.path.append(tools)
from execute import replace
for it in itertools.cycle([letter, letter.upper()]):
    replace(Path(path), it * 10**6)"""


@pytest.mark.skipif(os.name == "nt", reason="a file that somebody reads cannot be replaced there")
@pytest.mark.parametrize("seed", range(KILLS))
def test_a_file_is_whole_whenever_its_writers_are_killed(tmp_path, seed):
    """They write without a pause, so that each is killed while it writes, some beside others, the last one alone."""
    path, moments = tmp_path / "written.ipynb", random.Random(seed)
    path.write_text("old")
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, SCRIPT.parent, path, letter]) for letter in "abc"]
    try:
        for writer in writers:
            before = read_whole(path)
            wait_for(lambda before=before: read_whole(path) != before)
            for _ in range(50):
                read_whole(path)
            time.sleep(moments.uniform(0, 0.02))
            assert writer.poll() is None, "it stopped by itself"
            writer.kill()
            writer.wait()
            read_whole(path)
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()
    assert len(list(tmp_path.iterdir())) <= 1 + len(writers)


def read_whole(path):
    text = path.read_text()
    assert text == "old" or text in [it * 10**6 for it in "abcABC"]
    return text


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_any_moment_two_runs_leave_every_notebook_old_or_new(tmp_path, seed):
    paths, moments = [tmp_path / f"{i}.ipynb" for i in range(2)], random.Random(seed)
    for path in paths:
        write(path, "'x' * 10**6", "2")
    old = [path.read_bytes() for path in paths]
    begin = time.perf_counter()
    assert run(*paths).returncode == 0
    duration = time.perf_counter() - begin
    new = [path.read_bytes() for path in paths]
    for path, it in zip(paths, old, strict=True):
        path.write_bytes(it)
    runs = [start(*paths) for _ in range(2)]
    for process in runs:
        time.sleep(moments.uniform(0, duration))
        process.kill()
    for process in runs:
        finish(process)  # and so are its kernels, or this waits in vain
    for path, states in zip(paths, zip(old, new, strict=True), strict=True):
        assert path.read_bytes() in states
    assert run(*paths).returncode == 0  # whatever they left behind
    assert [path.read_bytes() for path in paths] == new


def test_two_runs_at_once_do_not_mix(tmp_path):
    """Each draws a number, which a later cell repeats; both are there twice, or somebody's outputs are mixed."""
    path = tmp_path / "drawn.ipynb"
    write(path, "import uuid; drawn = str(uuid.uuid4()); drawn", "drawn")
    before = path.read_bytes()
    results = [finish(process) for process in [start(path), start(path)]]
    notebook = json.loads(path.read_text())
    first, second = (cell["outputs"][0]["data"]["text/plain"] for cell in notebook["cells"])
    assert first == second and path.read_bytes() != before
    assert sorted(it.returncode for it in results) in ([0, 0], [0, 1])
    assert all(it.returncode == 0 or "it was changed while it ran" in it.message for it in results)
