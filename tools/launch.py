"""Write the notebooks as Colab and Binder open them: python tools/launch.py FOLDER [LABELS]

They are in plain words (tools/plain.py), with the numbers that LABELS has, which the site's build writes. The library
is not installed there, so each begins with a cell that installs it, with what the chapters import, from
the repository that the environment variable ``BOOK_REPOSITORY`` names, at ``BOOK_REVISION`` (a commit, a tag or a
branch, ``main`` unless given). The cell leaves JAX, NumPy and SciPy as they are: the kernel may have loaded them, and
JAX fits the GPU's driver. Binder finds the same in a requirements.txt and has nothing left to install. The site's
launch buttons open the branch ``notebooks``, whose content this is.
"""

import json
import os
import sys
from pathlib import Path

from notebooks import ROOT, notebooks
from plain import Plain

INSTALL = """\
# Installs the book's library where it is missing, and leaves JAX, NumPy and SciPy as they are.
from importlib import metadata, util
from pathlib import Path

if not util.find_spec("unrolling"):
    present = [it for it in ("jax", "jaxlib", "numpy", "scipy") if util.find_spec(it)]
    Path("as-they-are.txt").write_text("\\n".join(f"{{it}}=={{metadata.version(it)}}" for it in present))
    %pip install --quiet --constraint as-they-are.txt "{requirement}"

import unrolling"""


def first_cell(repository, revision):
    """A cell that installs the library where it is missing."""
    source = INSTALL.format(requirement=required(repository, revision))
    return {
        "cell_type": "code",
        "id": "install",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def required(repository, revision):
    return f"unrolling[book] @ git+{repository}@{revision}"


def write(folder, repository, revision, labels=None):
    plain = Plain(labels, files=True)
    for path in notebooks():
        name = path.relative_to(ROOT)
        notebook = plain.notebook(json.loads(path.read_text("utf-8")), name.with_suffix("").as_posix())
        notebook["cells"].insert(0, first_cell(repository, revision))
        target = Path(folder, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
    lines = f"{required(repository, revision)}\njupyterlab\n"
    Path(folder, "requirements.txt").write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    if not os.environ.get("BOOK_REPOSITORY") or len(sys.argv) not in (2, 3):
        sys.exit("Say where the library is, and where to write: BOOK_REPOSITORY=https://... make launch")
    folder, *labels = sys.argv[1:]
    write(folder, os.environ["BOOK_REPOSITORY"], os.environ.get("BOOK_REVISION", "main"), *labels)
