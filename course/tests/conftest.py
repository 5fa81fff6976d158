"""What answers must do, tried: pytest course/tests/test_CHAPTER.py --answers FILE.py, or a notebook.

An argument of a test names a function of the answers. With ``--report FILE``, grade.py is listening: it has sent a
secret word and the tests that are done already, and gets a line of JSON at once for each thing that happens. The plan
is reported before anything of the answers runs.
"""

import inspect
import json
import os
import sys
import types
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import pytest  # noqa: E402
from answers import Answers  # noqa: E402

LIMITS = {"RLIMIT_CPU": 600, "RLIMIT_FSIZE": 10_000_000, "RLIMIT_DATA": 4 * 2**30}
WATCHED = ("builtins", "functools", "jax", "math", "numpy", "operator", "pytest", "scipy", "unrolling", "_pytest")


def pytest_addoption(parser):
    parser.addoption("--answers", help="a file of Python, or a notebook, with the functions that the tests name")
    parser.addoption("--report", help="where to report to grade.py")


def pytest_configure(config):
    config.addinivalue_line("markers", "task(label, points): the exercise that a test belongs to")
    config.pluginmanager.register(Course(config), "course")


def pytest_generate_tests(metafunc):
    """An argument that no parametrization fills is a function of the answers; it is put there before the call."""
    for name in functions(metafunc.definition):
        metafunc.parametrize(name, [name], ids=[name])


def functions(item):
    filled = [it.args[0] for it in item.iter_markers("parametrize")]
    filled = {name.strip() for it in filled for name in (it.split(",") if isinstance(it, str) else it)}
    return [name for name in inspect.signature(item.function).parameters if name not in filled]


class Course:
    def __init__(self, config):
        self.answers, self.path, self.report = None, config.option.answers, config.option.report
        self.before = {}
        self.word, self.done = json.loads(sys.stdin.readline()) if self.report else ("", [])

    def say(self, **what):
        if self.report:
            with open(self.report, "a", encoding="utf-8") as file:
                file.write(json.dumps({"word": self.word, **what}, ensure_ascii=False) + "\n")

    def pytest_collection_modifyitems(self, items):
        marks = {item.nodeid: item.get_closest_marker("task") for item in items}
        self.say(plan=[[name, mark.args[0], mark.kwargs["points"]] for name, mark in marks.items()])
        items[:] = [it for it in items if it.nodeid not in self.done]

    def pytest_runtestloop(self, session):
        """Take the answers, before the first test and after the plan."""
        if self.path and not session.config.option.collectonly:
            self.before = snapshot()
            if self.report:
                limit()
            self.say(begin="")
            self.answers = Answers.read(self.path)
            self.say(remarks=self.answers.remarks)

    def pytest_runtest_logstart(self, nodeid):
        self.say(begin=nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem):
        if self.answers is None:
            pytest.fail("name the answers: --answers FILE.py", pytrace=False)
        pyfuncitem.funcargs.update({name: self.answers[name] for name in functions(pyfuncitem)})

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if report.when == "call":
            changed = [name for name, it in snapshot().items() if self.before.get(name, it) != it]
            message = f"the answers changed {changed[0]}" if changed else said(call.excinfo)
            self.say(end=item.nodeid, passed=report.passed and not changed, message=message)
        return report


def limit():
    """Processor, files and memory, where the system knows such limits."""
    try:
        import resource
    except ImportError:
        return
    for name, value in LIMITS.items():
        resource.setrlimit(getattr(resource, name), (value, value))


def said(excinfo):
    """What a failed test says to a student: its message, without what pytest adds."""
    if excinfo is None:
        return ""
    message = str(excinfo.value).split("\nassert ")[0]
    if excinfo.errisinstance(NotImplementedError):
        return message or "nothing is there yet"
    return message if excinfo.errisinstance(AssertionError) and message else f"{excinfo.typename}: {message}"


def snapshot():
    """Which object, and which code, each public name of the libraries stands for."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in WATCHED and not name.startswith("jax._src"):
            for key, value in list(vars(module).items()):
                if not key.startswith("_"):
                    code = value.__code__ if isinstance(value, types.FunctionType) else None
                    found[f"{name}.{key}"] = (id(value), id(code))
    return found
