"""Run notebooks in place: python tools/execute.py [chapters/theory/chebyshev.ipynb ...], all of the book unless named.

Twice the same run gives twice the same file: no times, no versions, no machine. A picture's alternative text, which its
code makes from the data, goes from the output into the cell's metadata, where the site finds it. A notebook whose run
fails is left as it was, and so is one that somebody changed meanwhile; a file is replaced whole or not at all.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from notebooks import ROOT, notebooks

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    # With a file extension, for those who make a script of it; without a version.
    "language_info": {
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
QUIET = ["--IPKernelApp.log_level=ERROR"]  # or each kernel warns that its messages are not encrypted


def attempt(path):
    """Run one notebook, and print how long that took; return what went wrong, or None."""
    start = time.perf_counter()
    try:
        execute(path)
    except DeadKernelError:
        return f"{path}: its kernel was killed, perhaps for want of memory; the notebook is as it was."
    except OSError as error:
        return f"{path}: {error.strerror or error}; the notebook is as it was."
    except Exception as error:
        return f"{path}: {error}"
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    print(f"{time.perf_counter() - start:4.0f} s  {name}", flush=True)
    return None


def execute(path):
    """Run one notebook and store its outputs."""
    before = path.read_text("utf-8")
    notebook = nbformat.reads(before, as_version=4)
    # An empty folder: a chapter may need nothing but the library.
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            notebook,
            timeout=120,
            record_timing=False,
            coalesce_streams=True,
            extra_arguments=QUIET,
            resources={"metadata": {"path": folder}},
        ).execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        name_pictures(cell)
    after = nbformat.writes(notebook) + "\n"
    if path.read_text("utf-8") not in (before, after):
        raise RuntimeError("it was changed while it ran, and is left so; run it again.")
    # In one step: a kill leaves the old notebook, or the new one.
    part = path.with_suffix(".part")
    part.write_text(after, "utf-8", newline="\n")
    part.replace(path)


def name_pictures(cell):
    """Copy the alternative text of the cell's picture from its output to its metadata, beside its name and caption."""
    figure = cell.metadata.pop("mystnb", {}).get("figure")
    for output in cell.get("outputs", []):
        if "image/svg+xml" in output.get("data", {}):
            cell.metadata["mystnb"] = {"image": {"alt": output["data"]["text/plain"]}}
            if figure:
                cell.metadata["mystnb"]["figure"] = figure


def run(paths):
    """Run notebooks in place, as many at a time as there are processors; return what went wrong."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")  # what a processor computes is what is stored
    # Threads, as a kernel is a process of its own anyway; so nothing of a run outlives this process but kernels, which
    # see it gone and go too.
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        return list(filter(None, pool.map(attempt, paths)))
    except KeyboardInterrupt:
        print("Interrupted; each notebook is as it was, or done.", file=sys.stderr)
        os._exit(130)


if __name__ == "__main__":
    sys.exit("\n\n".join(run([Path(path).resolve() for path in sys.argv[1:]] or notebooks())) or 0)
