"""Run copies of the chapters with what is installed here: python tools/elsewhere.py

Only the lock's releases promise the stored outputs to the last digit. With others, or on another processor, every cell
must still run, and its assertions hold; and nothing may be nan that is stored as a number.
"""

import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

from execute import run
from notebooks import ROOT, notebooks


def count_nan(notebook):
    """How often the texts of each cell's outputs say nan, by the cell's id."""
    counts = {}
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        texts = "\n".join("".join(it.get("text") or it.get("data", {}).get("text/plain", "")) for it in outputs)
        counts[cell["id"]] = len(re.findall(r"\bnan\b", texts, re.IGNORECASE))
    return counts


def new_nan(path, copy):
    """A sentence for each cell of the notebook ``copy`` that says nan more often than the one at ``path``."""
    stored, computed = (count_nan(json.loads(it.read_text("utf-8"))) for it in (path, copy))
    return [f"{copy}: nan in the outputs of the cell {cell!r}" for cell in stored if computed[cell] > stored[cell]]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        copies = {path: Path(folder, path.relative_to(ROOT)) for path in notebooks()}
        for path, copy in copies.items():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        failures = run(list(copies.values()))
        failures += [sentence for path, copy in copies.items() for sentence in new_nan(path, copy)]
    sys.exit("\n\n".join(failures) or 0)
