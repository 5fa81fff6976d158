"""Grade notebooks: python course/grade.py [--tests FILE] [--into FOLDER] [--seconds 10] NOTEBOOK ...

Functions are tested by name, so cells may be moved, copied, renumbered, deleted or broken. For each notebook,
NOTEBOOK.json gets the points and what was said. Which exercises it has stands in its metadata, unless --tests names
the file of tests.

The answers run in processes of their own, on at most 4 GiB and ten minutes of processor, without network where Linux
can cut it off (else it says so). This process decides on the points. It gets the plan of all tests before the answers
are read, and the outcome of each as soon as it is there; a test without an outcome has failed. One that takes too long
or ends its process is noted, and the others run in a new one. Outcomes need a secret word, and none counts after the
answers changed a function of the libraries.

It does not stop somebody who sets out to break it: the answers share a process with their tests, and Python hides
nothing from a determined program. What they may read is what the user may read who runs this. In doubt, look at the
notebook; where strangers submit, use a container as well.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent / "tests"
TO_START = 180  # seconds, for Python and JAX on a slow machine


@dataclass
class Grading:
    """What came out: each test's exercise and points, in the plan's order, and the outcome of each."""

    plan: dict = None
    outcomes: dict = field(default_factory=dict)
    remarks: list = field(default_factory=list)

    def exercises(self):
        """Points of each exercise, and what was said; a test counts if all its cases passed."""
        tests, found = {}, {}
        for case, (label, points) in self.plan.items():
            messages = tests.setdefault((label, case.split("[")[0], points), [])
            passed, message = self.outcomes[case]
            messages += [] if passed else [message]
        for (label, _, points), messages in tests.items():
            it = found.setdefault(label, {"points": 0, "of": 0, "messages": []})
            it["of"] += points
            it["points"] += 0 if messages else points
            it["messages"] += [message for message in messages[:1] if message not in it["messages"]]
        return found

    def summary(self):
        exercises = self.exercises()
        points, of = (sum(it[key] for it in exercises.values()) for key in ("points", "of"))
        return {"points": points, "of": of, "exercises": exercises, "remarks": self.remarks}


def grade(submission, tests=None, seconds=10):
    """Points and messages for a notebook."""
    submission, result = Path(submission).resolve(), Grading()
    tests = Path(tests or chapters_tests(submission)).resolve()
    while result.plan is None or result.plan.keys() - result.outcomes.keys():
        attempt(result, submission, tests, seconds)
    if not without_network():
        result.remarks.append("the network could not be cut off on this machine")
    return result.summary()


def chapters_tests(submission):
    """The tests of the chapter or problem set that a notebook was made from."""
    try:
        metadata = json.loads(submission.read_text("utf-8"))["metadata"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SystemExit(f"{submission} is no notebook ({error!r}); name the tests: --tests FILE") from None
    name = metadata.get("course", {}).get("chapter", submission.stem).replace("-", "_")
    path = TESTS / f"test_{name}.py"
    if not path.exists():
        raise SystemExit(f"There are no tests for {submission}; name some: --tests FILE")
    return path


def attempt(result, submission, tests, seconds):
    """Run in one process what has no outcome yet."""
    with tempfile.TemporaryDirectory() as folder:
        report, log = Path(folder, "report"), Path(folder, "log")
        report.touch()
        word, running, silent = secrets.token_hex(), None, False
        process = start(submission, tests, folder, report, log)
        process.stdin.write(json.dumps([word, list(result.outcomes)]).encode() + b"\n")
        process.stdin.close()
        try:
            for event in events(process, report, word, seconds):
                silent = not event
                if "plan" in event and result.plan is None:
                    result.plan = {case: (label, points) for case, label, points in event["plan"]}
                elif "remarks" in event:
                    result.remarks, running = event["remarks"], None
                elif "begin" in event:
                    running = event["begin"]
                elif "end" in event:
                    result.outcomes[event["end"]], running = (event["passed"], event["message"]), None
        finally:
            kill(process)
        if result.plan is None:
            raise RuntimeError(log.read_text("utf-8", "replace")[-4000:])
    reason = f"it took more than {seconds} seconds" if silent else "it ended the process"
    left = [it for it in result.plan if it not in result.outcomes]
    failed = left if running == "" else [running] if running in left else left[:1]
    result.outcomes |= dict.fromkeys(failed, (False, reason))


def start(submission, tests, folder, report, log):
    command = [*(without_network() or ()), sys.executable, "-m", "pytest", str(tests), "--answers", str(submission)]
    command += ["--report", str(report), "-q", "-s", "-p", "no:cacheprovider", "--rootdir", str(TESTS.parent)]
    command += ["-c", os.devnull, "--confcutdir", str(TESTS.parent)]
    if not tests.is_relative_to(TESTS):
        command += ["-p", "conftest"]
    kept = {it: os.environ[it] for it in ("PATH", "PYTHONPATH", "SYSTEMROOT", "COURSE_SEED") if it in os.environ}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(TESTS), kept.get("PYTHONPATH")]))
    own = {"HOME": folder, "TMPDIR": folder, "JAX_PLATFORMS": "cpu", "NPROC": "1", "OMP_NUM_THREADS": "1"}
    own |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=kept | own,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=os.name == "posix",
        )


@cache
def without_network():
    """The command that runs another one without network, or None where there is none that works."""
    for options in (["--user", "--map-root-user", "--net"], ["--net"]):
        command = [shutil.which("unshare") or "", *options]
        if command[0] and not subprocess.run([*command, "true"], capture_output=True).returncode:
            return command
    return None


def events(process, report, word, seconds):
    """What the process reports, until it has ended; the last is empty if a test took longer than ``seconds``.

    To take the answers, with what they import, may be six times as long.
    """
    heard, position, patience = time.monotonic(), 0, TO_START
    while True:
        ended = process.poll() is not None
        with report.open("rb") as file:
            file.seek(position)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                position += len(line)
                event = understood(line)
                if event.pop("word", "") == word and event:
                    heard = time.monotonic()
                    patience = {"": 6 * seconds, None: TO_START}.get(event.get("begin"), seconds)
                    yield event
        if ended:
            return
        if time.monotonic() - heard > patience:
            yield {}
            return
        time.sleep(0.02)


def understood(line):
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def kill(process):
    """End the process, and what it started."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    except ProcessLookupError:
        pass
    process.wait()


def show(submission, result):
    print(f"{submission.name}: {result['points']} of {result['of']} points")
    for label, it in result["exercises"].items():
        print(f"  {label:40} {it['points']}/{it['of']}  {'; '.join(it['messages'])}".rstrip())
    for remark in result["remarks"]:
        print(f"  {remark}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Grade notebooks.")
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--tests", type=Path, help="the tests, if the notebook does not say which")
    parser.add_argument("--into", type=Path, help="the folder for what is found, else beside the notebook")
    parser.add_argument("--seconds", type=float, default=10, help="for each test")
    options = parser.parse_args()
    for notebook in options.notebooks:
        found = grade(notebook, options.tests, options.seconds)
        show(notebook, found)
        target = (options.into or notebook.parent) / f"{notebook.stem}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
