"""Write the notebooks as Colab and Binder open them: python tools/launch.py FOLDER

The library is not installed there, so each begins with a cell that installs it, with what the chapters import, from
the repository that the environment variable ``BOOK_REPOSITORY`` names, at ``BOOK_REVISION`` (a commit, a tag or a
branch, ``main`` unless given). The cell leaves JAX, NumPy and SciPy as they are: the kernel may have loaded them, and
JAX fits the GPU's driver. Binder finds the same in a requirements.txt and has nothing left to install. The site's
launch buttons open the branch ``notebooks``, whose content this is.
"""

import os
import sys
from pathlib import Path

import nbformat
from notebooks import ROOT, notebooks

INSTALL = """\
# Installs the book's library where it is missing, and leaves JAX, NumPy and SciPy as they are.
from importlib import metadata, util
from pathlib import Path

if not util.find_spec("unrolling"):
    present = [it for it in ("jax", "jaxlib", "numpy", "scipy") if util.find_spec(it)]
    Path("as-they-are.txt").write_text("\\n".join(f"{{it}}=={{metadata.version(it)}}" for it in present))
    %pip install --quiet --constraint as-they-are.txt "{requirement}"

import unrolling"""


def write(folder, repository, revision):
    requirement = f"unrolling[book] @ git+{repository}@{revision}"
    first = nbformat.v4.new_code_cell(INSTALL.format(requirement=requirement), id="install")
    for path in notebooks():
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, first)
        target = Path(folder, path.relative_to(ROOT))
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    Path(folder, "requirements.txt").write_text(f"{requirement}\njupyterlab\njupyterlab-myst\n", encoding="utf-8")


if __name__ == "__main__":
    if not os.environ.get("BOOK_REPOSITORY") or len(sys.argv) != 2:
        sys.exit("Say where the library is, and where to write: BOOK_REPOSITORY=https://... make launch")
    write(sys.argv[1], os.environ["BOOK_REPOSITORY"], os.environ.get("BOOK_REVISION", "main"))
