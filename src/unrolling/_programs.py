"""Functions, read afresh at every call, as arguments of compiled programs.

``jax.jit`` remembers a function by its identity: what it closes over is read once, and another function of the same
form is compiled anew. Here a function is traced whenever it is given. Its *instructions* become a `Program`, equal to
every other with the same instructions, and the *numbers* that it read (arrays and floats that it closes over) become
the leaves of a `Partial`. So a compiled function takes it as an argument like any other: new numbers run the program
that is there, and no old number is ever used.

>>> data = np.array([1.0, 2.0])
>>> f = lambda x: (x * data).sum()
>>> first = read("f", f, jnp.ones(2))
>>> data *= 10
>>> second = read("f", lambda y: (y * data).sum(), jnp.ones(2))
>>> print(first.func == second.func, second(jnp.ones(2)))
True 30.0
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import compress
from pathlib import Path
from types import FunctionType

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal
from jax.tree_util import Partial

from unrolling._checks import callable_

# Where JAX's own rules of differentiation are written, which read nothing but what they are given.
JAX = str(Path(jax.__file__).parent)
# Rules call functions with rules, most their own one: so many derivatives, of f itself, are told apart by what they do.
DEPTH = 3


def read(name: str, function: Callable, *arguments) -> Partial:
    """``function`` as it is now, for arguments of the form of ``arguments``; a pytree whose leaves are what it read.

    Raises TypeError, with the ``name`` of the function, if it is no function of JAX arrays.
    """
    if _is_known(callable_(name, function)):
        return function
    try:
        # A new function object at every call, as JAX remembers what it traced by the object.
        closed, form = jax.make_jaxpr(lambda *arguments: function(*arguments), return_shape=True)(*arguments)
    except jax.errors.JAXTypeError as error:
        raise TypeError(
            f"{name} must be made of JAX's functions, without float(), if or NumPy on its arguments: {error}"
        ) from error
    tape = _Tape(closed.jaxpr, closed.consts)
    return Partial(Program(tape, jax.tree.structure(form)), tape.numbers)


def compiled(function: Callable) -> Callable:
    """``function``, compiled for each structure of its arguments and each value of its keywords; 64 are kept."""

    @lru_cache(maxsize=64)
    def program(structure, options):
        return jax.jit(lambda leaves: function(*jax.tree.unflatten(structure, leaves), **dict(options)))

    def call(*arguments, **options):
        leaves, structure = jax.tree.flatten(arguments)
        return program(structure, tuple(options.items()))(leaves)

    return call


def _is_known(function):
    """Whether all that a function reads stands among its leaves: it was read, or is one of this library's methods."""
    if not isinstance(function, Partial):
        return False
    own = isinstance(function.func, Program) or (
        isinstance(function.func, FunctionType)
        and function.func.__closure__ is None
        and function.func.__module__.partition(".")[0] == __package__
    )
    parts = jax.tree.leaves((function.args, function.keywords), is_leaf=callable)
    return own and all(_is_known(part) for part in parts if callable(part))


class Program:
    """The instructions of a function: called with the numbers that it read and its arguments, it gives its result."""

    def __init__(self, tape, structure):
        self._steps, self._outputs, self._structure = tape.steps, tape.outputs, structure
        self._key = tape.key(), structure
        self._hash = hash(self._key)

    def __hash__(self):
        return self._hash

    def __eq__(self, other):
        return isinstance(other, Program) and self._hash == other._hash and self._key == other._key

    def __call__(self, numbers, *arguments):
        slots, numbers = jax.tree.leaves(arguments), iter(numbers)
        for equation, inputs in self._steps:
            values = [slots[i] if isinstance(i, int) else i for i in inputs]
            slots.extend(_evaluate(equation, values) if equation else [next(numbers)])
        return jax.tree.unflatten(self._structure, [slots[i] if isinstance(i, int) else i for i in self._outputs])


class _Tape:
    """A jaxpr as a list of equations and of the slots of their inputs, with calls of jitted functions written out.

    There is a slot for each argument, and one more for each result of a step. A step without an equation is a number
    that the function read: a constant, or a float in its code, but for exponents, which the compiler is to know.
    """

    def __init__(self, jaxpr, consts=(), depth=0):
        self.steps, self.numbers, self._keys, self._depth = [], [], [], depth
        arguments = jaxpr.invars if consts else [*jaxpr.constvars, *jaxpr.invars]
        self._forms, self._size = tuple(str(variable.aval) for variable in arguments), len(arguments)
        self.outputs = self._record(jaxpr, consts, dict(zip(arguments, range(self._size), strict=True)))

    def key(self):
        return self._forms, tuple(self._keys), _key(self.outputs)

    def _record(self, jaxpr, consts, slots):
        slots |= {
            variable: self._number(const) for variable, const in zip(jaxpr.constvars, consts, strict=bool(consts))
        }
        for equation in jaxpr.eqns:
            name = equation.primitive.name
            inputs = [self._slot(variable, slots, name) for variable in equation.invars]
            if name in ("jit", "pjit"):
                inner = equation.params["jaxpr"]
                outputs = self._record(inner.jaxpr, inner.consts, dict(zip(inner.jaxpr.invars, inputs, strict=True)))
            else:
                self._keys.append((equation.primitive, _key(inputs), self._parameters(equation)))
                outputs = self._step(equation, inputs, len(equation.outvars))
            slots.update(zip(equation.outvars, outputs, strict=True))
        return [self._slot(variable, slots) for variable in jaxpr.outvars]

    def _slot(self, variable, slots, user=""):
        if not isinstance(variable, Literal):
            return slots[variable]
        value = np.asarray(variable.val, variable.aval.dtype)
        return self._number(value) if np.issubdtype(value.dtype, np.floating) and user != "pow" else value

    def _number(self, value):
        self.numbers.append(value)
        self._keys.append((np.shape(value), str(jnp.result_type(value))))
        return self._step(None, (), 1)[0]

    def _step(self, equation, inputs, size):
        self.steps.append((equation, inputs))
        self._size += size
        return range(self._size - size, self._size)

    def _parameters(self, equation):
        """A key of an equation's parameters. A rule of differentiation is what it makes of the equation."""
        if not equation.primitive.name.startswith(("custom_jvp_call", "custom_vjp_call")):
            return _key(equation.params)
        # JAX 0.6 has fun_jaxpr.
        function = _key(equation.params.get("call_jaxpr", equation.params.get("fun_jaxpr"))), _source(equation)
        jaxs_own = function[1].startswith(JAX) and "custom_derivatives.py" not in function[1]
        if jaxs_own or self._depth == DEPTH:
            return function
        try:
            rule = _rule(equation)
        except Exception:  # it refuses a derivative that perhaps nobody wants: known by its identity, as a callback is
            return _Same(equation)
        rule = _Tape(rule.jaxpr, rule.consts, self._depth + 1)
        return function, rule.key(), _key(rule.numbers)


def _key(value):
    """A hashable value, equal for equal parameters of equations: jaxprs by their steps, arrays by their bytes."""
    if isinstance(value, Jaxpr | ClosedJaxpr):
        tape = _Tape(value) if isinstance(value, Jaxpr) else _Tape(value.jaxpr, value.consts)
        return tape.key(), _key(tape.numbers)
    if isinstance(value, tuple | list | range):
        return tuple(map(_key, value))
    if isinstance(value, dict):
        return tuple((name, _key(value[name])) for name in sorted(value))
    try:
        if isinstance(value, np.ndarray | jax.Array):
            return np.shape(value), str(value.dtype), np.asarray(value).tobytes()
        hash(value)
    except TypeError:
        return _Same(value)
    return value


def _evaluate(equation, values):
    """What an equation of a jaxpr gives, a list."""
    bound = equation.primitive.get_bind_params(equation.params)
    functions, parameters = bound if isinstance(bound, tuple) else ((), bound)  # JAX 0.6 gives a pair
    result = equation.primitive.bind(*functions, *values, **parameters)
    return result if equation.primitive.multiple_results else [result]


def _source(equation):
    """Where the rule of an equation is written: a file, as JAX tells it, and a line."""
    rule = equation.params.get("jvp_jaxpr_fun", equation.params.get("bwd"))
    return rule.debug_info.func_src_info.partition(" at ")[2]


def _rule(equation):
    """The jaxpr of the derivative of an equation, in the mode that it has a rule for, and in what the rule is for."""
    xs, ys = (
        [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in vs] for vs in (equation.invars, equation.outvars)
    )
    fixed = equation.params["num_consts"]
    moves = [jnp.issubdtype(x.dtype, jnp.inexact) for x in xs[fixed:]]

    def at(consts):
        return lambda *xs: _evaluate(equation, [*consts, *xs])

    def jvp(xs, dxs):
        dxs = iter(dxs)
        still = [
            None if move else np.zeros(x.shape, jax.dtypes.float0) for x, move in zip(xs[fixed:], moves, strict=True)
        ]
        return jax.jvp(at(xs[:fixed]), xs[fixed:], [next(dxs) if dx is None else dx for dx in still])

    def vjp(xs, dys):
        return list(compress(jax.vjp(at(xs[:fixed]), *xs[fixed:])[1](dys), moves))

    if equation.primitive.name == "custom_jvp_call":
        return jax.make_jaxpr(jvp)(xs, list(compress(xs[fixed:], moves)))
    return jax.make_jaxpr(vjp)(xs, ys)


class _Same:
    """Equal to itself only."""

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self):
        return id(self.value)
