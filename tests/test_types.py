"""The annotations are true: beartype reads them, shapes and all, while every example of the documentation runs."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"


def test_every_example_keeps_to_the_annotations(tmp_path):
    command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={tmp_path}", "--doctest-modules", SOURCE]
    command += ["--jaxtyping-packages=unrolling,beartype.beartype"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=SOURCE.parent)
    assert run.returncode == 0, run.stdout
