"""tools/launch.py: notebooks that install the library by themselves."""

import json
import os
import subprocess
import sys

import pytest
from notebooks import ROOT, notebooks

CHAPTERS = [path.relative_to(ROOT) for path in notebooks()]
REQUIREMENT = "unrolling @ git+https://github.com/someone/the-book@v1"


def launch(*arguments, **where):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BOOK_")}
    command = [sys.executable, ROOT / "tools/launch.py", *arguments]
    return subprocess.run(command, env=environment | where, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("launch")
    where = {"BOOK_REPOSITORY": "https://github.com/someone/the-book", "BOOK_REVISION": "v1"}
    result = launch(folder, **where)
    assert (result.returncode, result.stderr) == (0, "")
    return folder


def test_each_notebook_installs_the_library_and_is_else_the_same(folder):
    assert sorted(path.relative_to(folder) for path in folder.rglob("*.ipynb")) == CHAPTERS
    for path in CHAPTERS:
        first, *others = json.loads((folder / path).read_text("utf-8"))["cells"]
        assert first["cell_type"] == "code"
        assert f'%pip install --quiet "{REQUIREMENT}"' in "".join(first["source"])
        assert others == json.loads((ROOT / path).read_text("utf-8"))["cells"]


def test_the_first_cell_installs_only_what_is_missing(folder):
    """Run as a kernel would, with the magic replaced: the library is here, so nothing is installed; else it is."""
    cell = "".join(json.loads((folder / CHAPTERS[0]).read_text("utf-8"))["cells"][0]["source"])
    program = cell.replace("%pip install", "print('pip install')  #")
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == ""
    missing = program.replace('"unrolling"', '"unrolling_that_is_missing"', 1)
    assert subprocess.run([sys.executable, "-c", missing], capture_output=True, text=True).stdout == "pip install\n"


def test_binder_installs_the_same(folder):
    assert REQUIREMENT in (folder / "requirements.txt").read_text("utf-8").splitlines()


def test_without_a_repository_it_says_what_is_missing(tmp_path):
    result = launch(tmp_path)
    assert result.returncode == 1
    assert "BOOK_REPOSITORY" in result.stderr and "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
