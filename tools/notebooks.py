"""Which notebooks are the book's: all in chapters/ but those in dotted folders, where JupyterLab keeps its copies."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def notebooks(root=ROOT):
    """The paths of the book's notebooks, sorted."""
    paths = sorted(root.glob("chapters/**/*.ipynb"))
    return [path for path in paths if not any(part.startswith(".") for part in path.relative_to(root).parts)]
