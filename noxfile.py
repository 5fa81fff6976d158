"""The same tests with other releases, and with a wheel alone: make test-oldest, make test-newest, ...

Each session installs into an environment of its own, with the Python that runs nox unless it says otherwise. Only the
lock promises the stored outputs to the last digit, so elsewhere chapters must run, their assertions hold and no number
be nan, but their outputs are not compared.
"""

import re
import shutil
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True  # what is not tested does not pass
nox.options.sessions = ["elsewhere", "wheel"]


LIBRARY = ["tests", "src", "--deselect", "tests/test_notebooks.py"]


def install(session, *options):
    """The book and its tests, with the releases that uv's ``options`` ask for."""
    session.install("uv")
    session.run(
        "uv", "pip", "install", "--quiet", "--python", session.virtualenv.location, *options, "-e", ".[book,site,dev]"
    )
    session.run("uv", "pip", "freeze", "--python", session.virtualenv.location)


def run(session):
    # A release not known when this was written may warn of what comes; make test takes warnings for errors.
    session.run("pytest", "-n", "2", "--dist", "loadscope", "-W", "default", *LIBRARY, *session.posargs)
    run_chapters(session)


def run_chapters(session):
    session.run("python", "tools/elsewhere.py")


@nox.session
def elsewhere(session):
    """The lock's releases."""
    session.install("--require-hashes", "--requirement", "requirements.txt")
    session.install("--no-deps", "--no-build-isolation", "--editable", ".")
    run(session)


@nox.session(python="3.11")
def oldest(session):
    """The oldest releases that pyproject.toml admits."""
    install(session, "--resolution", "lowest-direct")
    run(session)


@nox.session
def newest(session):
    """The newest releases that pyproject.toml admits."""
    install(session, "--upgrade")
    run(session)


@nox.session
def colab(session):
    """Releases like those that Colab brings along, to which the first cell of a launched notebook adds the library."""
    root, launched = Path(__file__).parent, Path(session.create_tmp(), "launched")
    session.install("--requirement", "tools/colab.txt", "ipykernel", "nbclient")
    commit = session.run("git", "rev-parse", "HEAD", external=True, silent=True).strip()
    where = {"BOOK_REPOSITORY": f"file://localhost{root.as_posix()}", "BOOK_REVISION": commit}
    session.run("python", "tools/launch.py", str(launched), env=where)
    session.run("python", "tools/execute.py", str(launched / "chapters/index.ipynb"))
    before = re.findall(
        r"^(?:jax|jaxlib|numpy|scipy)==.*$", (root / "tools/colab.txt").read_text("utf-8"), re.MULTILINE
    )
    now = session.run("python", "-m", "pip", "freeze", silent=True).splitlines()
    if changed := set(before) - set(now):
        session.error(f"The first cell changed {changed}.")
    install(session, "--constraint", "tools/colab.txt")
    run(session)


@nox.session
def wheel(session):
    """Every chapter, alone in a folder, with nothing installed but the wheel and its dependencies, and a kernel."""
    folder = Path(session.create_tmp())
    shutil.rmtree(folder / "dist", ignore_errors=True)
    session.install("flit_core>=3.11,<4", "build")
    session.run("python", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ".", silent=True)
    session.run("python", "-m", "pip", "uninstall", "--yes", "build", silent=True)
    session.install(*(f"{wheel}[book]" for wheel in folder.glob("dist/*.whl")), "ipykernel", "nbclient")
    run_chapters(session)
