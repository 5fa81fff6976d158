"""Run notebooks in place: python tools/execute.py chapters/theory/chebyshev.ipynb ...

Twice the same run gives twice the same file: no times, no versions, no machine. A picture's alternative text, which its
code makes from the data, goes from the output into the cell's metadata, where the site finds it. A notebook whose run
fails is left as it was, and a file is replaced whole or not at all. How long each chapter took goes to
_build/run-times.json, from where the colophon has it.
"""

import json
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
RUN_TIMES = ROOT / "_build/run-times.json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path):
    """Run one notebook; return what went wrong, or None, and the seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    # An empty folder: a chapter may need nothing but the library.
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=120, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except Exception as error:
            return f"{path}: {error}", None
    seconds = time.perf_counter() - start
    notebook.metadata = METADATA
    for cell in notebook.cells:
        name_pictures(cell)
    replace(path, nbformat.writes(notebook))
    return None, seconds


def name_pictures(cell):
    """Copy the alternative text of the cell's picture from its output to its metadata."""
    cell.metadata.pop("mystnb", None)
    for output in cell.get("outputs", []):
        if "image/svg+xml" in output.get("data", {}):
            cell.metadata["mystnb"] = {"image": {"alt": output["data"]["text/plain"]}}


def replace(path, text):
    """Write ``text`` to ``path`` in one step."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=Path(path).parent, suffix=".part", delete=False
    ) as file:
        file.write(text + "\n")
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def record(run_times):
    """Add seconds by chapter to those known."""
    RUN_TIMES.parent.mkdir(exist_ok=True)
    known = json.loads(RUN_TIMES.read_text("utf-8")) if RUN_TIMES.exists() else {}
    replace(RUN_TIMES, json.dumps(known | run_times, indent=1, sort_keys=True))


if __name__ == "__main__":
    paths = [Path(path).resolve() for path in sys.argv[1:]]
    with ProcessPoolExecutor() as pool:
        results = dict(zip(paths, pool.map(execute, paths), strict=True))
    of_the_book = {path: seconds for path, (_, seconds) in results.items() if seconds and path.is_relative_to(ROOT)}
    if of_the_book:
        record({path.relative_to(ROOT).as_posix(): round(seconds, 1) for path, seconds in of_the_book.items()})
    sys.exit("\n\n".join(failure for failure, _ in results.values() if failure) or 0)
