"""tools/launch.py: notebooks that install the library by themselves."""

import json
import os
import subprocess
import sys
from importlib import metadata

import pytest
from notebooks import ROOT, notebooks

CHAPTERS = [path.relative_to(ROOT) for path in notebooks()]
REQUIREMENT = "unrolling[book] @ git+https://github.com/someone/the-book@v1"


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


def test_each_notebook_installs_the_library_and_has_the_same_code_with_its_outputs(folder):
    assert sorted(path.relative_to(folder) for path in folder.rglob("*.ipynb")) == CHAPTERS
    for path in CHAPTERS:
        first, *others = json.loads((folder / path).read_text("utf-8"))["cells"]
        assert first["cell_type"] == "code"
        assert f'"{REQUIREMENT}"' in "".join(first["source"])
        assert code_in(others) == code_in(json.loads((ROOT / path).read_text("utf-8"))["cells"])


def code_in(cells):
    return [cell for cell in cells if cell["cell_type"] == "code"]


def first_cell(folder, *missing):
    """The first cell's source, and the program that it is where ``missing`` packages are not found; pip only prints."""
    cell = "".join(json.loads((folder / CHAPTERS[0]).read_text("utf-8"))["cells"][0]["source"])
    find = f"""
from importlib import util
find = util.find_spec
util.find_spec = lambda name: name not in {missing} and find(name)
"""
    return cell, find + cell.replace("%pip install", "print('pip install')  #")


def run(program, folder):
    return subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_where_the_library_is_nothing_is_installed(folder, tmp_path):
    _, program = first_cell(folder)
    assert run(program, tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


def test_where_it_is_missing_it_is_installed_beside_what_is_there(folder, tmp_path):
    cell, program = first_cell(folder, "unrolling", "scipy")
    assert run(program, tmp_path) == "pip install\n"
    (constraints,) = tmp_path.iterdir()
    there = {f"{it}=={metadata.version(it)}" for it in ("jax", "jaxlib", "numpy")}
    assert set(constraints.read_text().splitlines()) == there
    assert f'%pip install --quiet --constraint {constraints.name} "{REQUIREMENT}"' in cell


def test_binder_installs_the_same(folder):
    assert REQUIREMENT in (folder / "requirements.txt").read_text("utf-8").splitlines()


def test_without_a_repository_it_says_what_is_missing(tmp_path):
    result = launch(tmp_path)
    assert result.returncode == 1
    assert "BOOK_REPOSITORY" in result.stderr and "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
