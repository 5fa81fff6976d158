"""What may be in no file of the repository, and what must be in its locks."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from test_notebooks import SECRET

ROOT = Path(__file__).parents[1]
FORBIDDEN = {
    "a secret": SECRET,
    "a home": re.compile(r"(?<![\w.:/-])/(home|root|Users)/[\w.]|\b[A-Z]:[\\/]+Users[\\/]"),
    # Where packages come from is for each machine to say; the locks' hashes say that they are the right ones.
    "a registry": re.compile(
        r"\bpypi\.org|\bpythonhosted\.org|\bregistry\.(npmjs|yarnpkg)\.|\bindex-url\b", re.IGNORECASE
    ),
}
BREAKERS = {
    "a secret": ["password" + " = 'open-sesame'"],
    "a home": ["see /home" + "/me", "'/root" + "/.cache'", "C:\\Users" + "\\me"],
    "a registry": ["https://pypi" + ".org/simple", "https://registry" + ".npmjs.org/katex", "--extra-index" + "-url x"],
}


def committed():
    """What is committed, or would be by ``git add --all``."""
    command = ["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        names = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    return [path for name in filter(None, names.split("\0")) if (path := ROOT / name).is_file()]


@pytest.mark.parametrize("thing", FORBIDDEN)
def test_no_file_has(thing):
    texts = {path: path.read_text("utf-8", errors="replace") for path in committed()}
    assert {str(path): match[0] for path, text in texts.items() if (match := FORBIDDEN[thing].search(text))} == {}


@pytest.mark.parametrize("thing, text", [(thing, text) for thing, texts in BREAKERS.items() for text in texts])
def test_it_would_be_found(thing, text):
    assert FORBIDDEN[thing].search(text)


def unhashed(requirements):
    """The requirements, of a file of pip's, that are not one release with its hashes."""
    lines = re.sub(r"\\\n", " ", requirements).splitlines()
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [line for line in lines if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}\b", line)]


def without_integrity(lock):
    """The packages, of a lock of npm's, that have no hash; the first is the book itself."""
    return [name for name, package in lock["packages"].items() if name and "integrity" not in package]


def test_the_locks_are_hashed():
    assert unhashed((ROOT / "requirements.txt").read_text("utf-8")) == []
    assert without_integrity(json.loads((ROOT / "package-lock.json").read_text("utf-8"))) == []


def test_what_is_not_hashed_is_found():
    good = f"a[b]==1.0 ; python_version >= '3' \\\n    --hash=sha256:{'0' * 64}\n    # via c\n"
    assert unhashed("# a lock\n" + good) == []
    assert unhashed(good.replace("==", ">=")) and unhashed("a==1.0\n    # via c\n" + good)
    assert unhashed("a @ https://example.org/a.whl\n") and unhashed(good.replace("sha256", "md5"))
    assert without_integrity({"packages": {"": {}, "node_modules/a": {}}}) == ["node_modules/a"]
    assert without_integrity({"packages": {"": {}, "node_modules/a": {"integrity": "sha512-"}}}) == []
