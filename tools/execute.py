"""Run notebooks in place: python tools/execute.py chapters/theory/chebyshev.ipynb ...

Twice the same run gives twice the same file: no times, no versions, no machine. A picture's alternative text, which its
code makes from the data, goes from the output into the cell's metadata, where the site finds it. A notebook whose run
fails is left as it was, and a file is replaced whole or not at all.
"""

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(path):
    """Run one notebook; return what went wrong, or None."""
    notebook = nbformat.read(path, as_version=4)
    # An empty folder: a chapter may need nothing but the library.
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook, timeout=120, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except Exception as error:
            return f"{path}: {error}"
    notebook.metadata = METADATA
    for cell in notebook.cells:
        name_pictures(cell)
    replace(path, nbformat.writes(notebook))
    return None


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


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:
        failures = [failure for failure in pool.map(execute, sys.argv[1:]) if failure]
    sys.exit("\n\n".join(failures) or 0)
