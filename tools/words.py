"""What a notebook says, for `git diff`: python tools/words.py NOTEBOOK

Cells, and outputs in words, which of a picture are its alternative text, made of its data. Nobody reads the other nine
tenths of the file.
"""

import json
import sys
from pathlib import Path


def words(notebook):
    for cell in notebook["cells"]:
        yield f"\n[{cell['cell_type']} {cell['id']}]"
        yield "".join(cell["source"])
        for output in cell.get("outputs", ()):
            text = "".join(
                output.get("text") or output.get("data", {}).get("text/plain") or output.get("traceback", "")
            )
            yield "\n".join(f"> {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print(*words(json.loads(Path(sys.argv[1]).read_text("utf-8"))), sep="\n")
