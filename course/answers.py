"""The answers in a notebook, by name: its functions, classes, imports and plain constants, wherever they stand.

A cell may be moved, copied, renumbered or deleted, and others broken: what is a definition is taken, nothing else runs.
A constant is an assignment without a call, of names that are known by then; a lambda is a function, and so is what
``jax.jit`` and the like make of one. Of a name that is defined twice, the last one counts, but no empty stub replaces
an answer.

So that no test is won by other means than an answer, imports are taken of the packages below only, and nothing that
uses a name such as ``exec``, ``open`` or ``__class__``; and an answer returns numbers, arrays, functions, or what the
library has, and no object of a class of its own, which could call itself equal to anything. This stops what is tried
in a hurry. Who knows Python's insides gets past it.
"""

import ast
import functools
import json
import re
import sys
import types
from pathlib import Path

PACKAGES = {
    *("jax", "jaxtyping", "lineax", "matplotlib", "numpy", "optax", "optimistix", "scipy", "sklearn", "unrolling"),
    *("abc", "cmath", "collections", "dataclasses", "fractions", "functools", "itertools", "math", "numbers"),
    *("operator", "random", "statistics", "time", "typing", "warnings"),
}
REFUSED = {
    *("__builtins__", "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input"),
    *("locals", "open", "setattr", "vars", "cr_frame", "f_back", "f_globals", "f_locals", "gi_frame", "tb_frame"),
    *("builtins", "ctypes", "gc", "importlib", "inspect", "io", "os", "pathlib", "subprocess", "sys", "types"),
}
# Calls that only wrap a function, and do nothing yet.
WRAPPERS = {"checkpoint", "grad", "hessian", "jacfwd", "jacrev", "jit", "partial", "value_and_grad", "vmap"}
MAGIC = re.compile(r"^(\s*)(?:[%!].*|[\w.]+\?+)$", re.MULTILINE)
IMPORTS = (ast.Import, ast.ImportFrom)
DEFINITIONS = (*IMPORTS, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


class Answers:
    """What a notebook, or a file of Python, defines; ``remarks`` says what of it was not understood or not taken."""

    def __init__(self, cells):
        self.remarks = []
        self.module = types.ModuleType("submission")
        sys.modules["submission"] = self.module  # dataclasses look there
        for number, source in cells:
            for node in self.definitions(number, source):
                self.take(number, node)

    @classmethod
    def read(cls, path):
        return cls(code_cells(path))

    def definitions(self, number, source):
        try:
            try:
                tree = ast.parse(source)
            except SyntaxError:
                tree = ast.parse(MAGIC.sub(r"\1pass", source))  # what the notebook says to its kernel
        except SyntaxError as error:
            self.remark(number, error.lineno, error.msg)
            return []
        return [node for node in tree.body if isinstance(node, DEFINITIONS)]

    def take(self, number, node):
        known = self.module.__dict__
        constant = isinstance(node, (ast.Assign, ast.AnnAssign))
        if constant:
            if node.value is None or not is_plain(node.value, known):
                return
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name in known and is_stub(node):
            return
        if reason := refusal(node):
            self.remark(number, node.lineno, reason)
            return
        try:
            exec(compile(ast.Module([node], []), f"<cell {number}>", "exec"), known)
        except Exception as error:
            # A constant may need what a loop, which is not run, has put somewhere.
            if not (constant and isinstance(error, LookupError)):
                self.remark(number, node.lineno, f"{type(error).__name__}: {error}")

    def remark(self, number, line, reason):
        self.remarks.append(f"cell {number}, line {line}: {reason}")

    def __getitem__(self, name):
        found = self.module.__dict__.get(name)
        if not callable(found):

            def found(*args, **kwargs):
                raise NotImplementedError(f"there is no function {name}")

        return checked(found)


def code_cells(path):
    """Number (from 1, texts counted too) and source of each cell of code; a file of Python is one cell."""
    text = Path(path).read_text("utf-8")
    if Path(path).suffix == ".py":
        return [(1, text)]
    cells = json.loads(text)["cells"]
    return [(number, "".join(it["source"])) for number, it in enumerate(cells, 1) if it["cell_type"] == "code"]


def is_plain(value, known):
    """Whether an expression calls nothing but wrappers, and names only what is known; a lambda does its work later."""
    if isinstance(value, ast.Lambda):
        return True
    if isinstance(value, ast.Call):
        called = getattr(value.func, "attr", getattr(value.func, "id", ""))
        return called in WRAPPERS and all(is_plain(it, known) for it in ast.iter_child_nodes(value))
    if isinstance(value, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)):
        return False
    if isinstance(value, ast.Name):
        return value.id in known
    return all(is_plain(it, known) for it in ast.iter_child_nodes(value))


def is_stub(node):
    """Whether a function, or a class, only says that it is not there yet."""
    body = [it for it in node.body if not isinstance(it, ast.Expr) or not isinstance(it.value, ast.Constant)]
    return all(isinstance(it, (ast.Pass, ast.Raise)) for it in body)


def refusal(node):
    """Why a definition is not taken, or None."""
    for it in ast.walk(node):
        aliases = [alias.name for alias in getattr(it, "names", [])] if isinstance(it, IMPORTS) else []
        packages = [it.module or "."] if isinstance(it, ast.ImportFrom) else aliases
        for package in packages:
            if package.split(".")[0] not in PACKAGES or "._" in package:
                return f"{package} is not imported for an answer"
        names = aliases if isinstance(it, ast.ImportFrom) else [getattr(it, "id", ""), getattr(it, "attr", "")]
        for name in names:
            if name in REFUSED or (name.startswith("__") and name not in ("__name__", "__doc__", "__init__")):
                return f"{name} is not for answers"
    return None


def checked(function):
    """The function, whose results are values and no objects of a class of its own."""
    if isinstance(function, type):
        return function

    @functools.wraps(function)
    def call(*args, **kwargs):
        return value_of(function(*args, **kwargs))

    return call


def value_of(result):
    if type(result) in (tuple, list):
        return type(result)(map(value_of, result))
    if type(result) is dict:
        return {key: value_of(it) for key, it in result.items()}
    if type(result) is types.FunctionType:
        return checked(result)
    assert type(result).__module__ != "submission", f"an answer is a value, not a {type(result).__name__} of its own"
    return result
