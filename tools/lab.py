"""Open the chapters in JupyterLab, the first page first: python tools/lab.py [options of jupyter lab]

The notebooks are marked as trusted, or their stored pictures would be shown by their alternative texts.
"""

import sys

import nbformat
from jupyterlab.labapp import LabApp
from nbformat.sign import NotebookNotary
from notebooks import ROOT, notebooks

if __name__ == "__main__":
    notary = NotebookNotary()
    for path in notebooks():
        notary.sign(nbformat.read(path, as_version=4))
    LabApp.launch_instance([str(ROOT / "chapters/index.ipynb"), *sys.argv[1:]])
