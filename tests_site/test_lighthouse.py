"""Lighthouse: every page as a slow phone on a slow network meets it.

A busy machine looks like a slower phone. A page that does not reach its score at once is measured twice more, and the
median counts.
"""

import json
import os
import re
import subprocess

import pytest
from book_math import NODE, NPM
from conftest import CHROMIUM, FLAGS, PAGES

WANTED = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 95}


def measure(url):
    command = [NODE, NPM / "lighthouse/cli/index.js", url, "--quiet", "--output=json"]
    flags = " ".join(re.sub("=(.* .*)", r'="\1"', it) for it in FLAGS)
    command += [f"--only-categories={','.join(WANTED)}", f"--chrome-flags={flags}"]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"CHROME_PATH": CHROMIUM}, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("path", PAGES)
def test_lighthouse(server, path):
    reports = []
    while len(reports) < 3:
        reports.append(measure(f"{server}/{path}"))
        performance = sorted(round(100 * it["categories"]["performance"]["score"]) for it in reports)
        if performance[-1] >= WANTED["performance"] and len(reports) == 1:
            break
    scores = {name: round(100 * reports[0]["categories"][name]["score"]) for name in WANTED}
    scores["performance"] = performance[len(performance) // 2]
    print(f"\n{path}: {scores}")
    assert all(scores[name] >= least for name, least in WANTED.items()), [
        (audit["id"], audit.get("displayValue"), audit.get("details", {}).get("items", [])[:3])
        for audit in reports[0]["audits"].values()
        if audit["score"] is not None and audit["score"] < 0.9
    ]
