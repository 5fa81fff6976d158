"""Differentiating through the iterations of a method.

The iterates follow x_t = F_t(x_{t-1}, ..., x_0, theta), and so, by the chain rule, their Jacobians follow

    dx_t = sum_i d_{x_i} F_t dx_i + d_theta F_t.

`unroll` pushes this recurrence forward beside the iterates ("piggyback"; Griewank & Faure, 2003), `hypergradient` pulls
it back. Memory and time of a step are what decides: ``jax.jacfwd`` of the iterates gives the same numbers in a third of
the lines, in 1.3 times the time, and keeps two trajectories of Jacobians where `unroll` writes one.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.tree_util import Partial
from jaxtyping import PyTree

from unrolling._checks import finite, finite_steps, scalar, tree, whole
from unrolling._programs import compiled, read
from unrolling.methods import Method, first_state
from unrolling.problems import read_gradient


class Unrolled(NamedTuple):
    """The iterates x_t and their Jacobians, for t = 0, ..., T."""

    iterates: Any
    jacobians: Any


class _Iterates(NamedTuple):
    iterates: Any


def iterates(
    method: Method,
    f: Callable,
    x0: PyTree | Callable,
    theta: PyTree,
    num_steps: int,
    *,
    dtype=jnp.float64,
) -> PyTree:
    r"""The iterates :math:`x_0, \dots, x_T` of a method on f(., theta), T = ``num_steps``.

    Differentiable in theta, in both modes.

    Parameters
    ----------
    method
        The method.
    f
        The objective ``f(x, theta)``, a scalar made of JAX's functions.
    x0
        The start, an array or a pytree of arrays, or a function of theta that gives one.
    theta
        The parameters, an array or a pytree of arrays.
    num_steps
        T, at least 0. Each T is a program of its own, compiled when it is first asked for.
    dtype
        ``jax.numpy.float32`` for single precision; then x0 and theta must have it. A `Quadratic` needs float64.

    Returns
    -------
    array or pytree
        Of the form of x0, each leaf of shape (T + 1,) + leaf.shape.

    Raises
    ------
    TypeError, ValueError
        For arguments of the wrong kind, shape or value; ValueError where a method that diverges overflows within T
        steps. Inside ``jax.jit``, ``vmap``, ``grad`` or ``jacfwd``, where values are not known, that gives infinities
        and NaN.

    Examples
    --------
    >>> f = lambda x, theta: theta["weight"] * (x**2).sum() / 2
    >>> print(iterates(unrolling.gradient_descent(0.5), f, jnp.ones(1), {"weight": 1.0}, 2).ravel())
    [1.   0.5  0.25]
    """
    arguments = _arguments(method, f, x0, theta, dtype)
    return finite_steps(_Iterates(_iterates(*arguments, num_steps=whole("num_steps", num_steps)))).iterates


def unroll(
    method: Method, f: Callable, x0: PyTree | Callable, theta: PyTree, num_steps: int, *, start: int = 0
) -> Unrolled:
    r"""The iterates :math:`x_t` and their Jacobians :math:`\partial x_t`, for t = 0, ..., T; one pass, in forward mode.

    With ``start`` = K only the steps after :math:`x_K` are differentiated, :math:`x_K` being taken for a constant: the
    Jacobians up to t = K are zero (truncated unrolling; Shaban et al., 2019).

    Parameters
    ----------
    method, f, x0, theta, num_steps
        As for `iterates`.
    start
        K, in 0, ..., T.

    Returns
    -------
    Unrolled
        ``iterates``, each leaf of shape (T + 1,) + x.shape, and ``jacobians``: for each leaf of x one Jacobian for each
        leaf of theta, of shape (T + 1,) + x.shape + theta.shape, nested as by ``jax.jacfwd``.

    Raises
    ------
    TypeError, ValueError
        As `iterates` does, and ValueError unless 0 <= K <= T.

    Examples
    --------
    >>> f = lambda x, theta: (theta * x**2 / 2).sum()
    >>> xs, jacobians = unroll(unrolling.gradient_descent(0.1), f, jnp.ones(1), 0.05, 2)
    >>> print(xs.ravel(), jacobians.ravel())
    [1.       0.995    0.990025] [ 0.    -0.1   -0.199]
    """
    T, K = whole("num_steps", num_steps), whole("start", start)
    if K > T:
        raise ValueError(f"start must be at most num_steps = {T}, got {K}")
    return finite_steps(_unroll(*_arguments(method, f, x0, theta), num_steps=T, first=K))


def hypergradient(
    outer: Callable,
    method: Method,
    f: Callable,
    x0: PyTree | Callable,
    theta: PyTree,
    num_steps: int,
    *,
    checkpoint: bool = False,
    dtype=jnp.float64,
) -> PyTree:
    r"""The gradient of :math:`\theta \mapsto \mathrm{outer}(x_T(\theta), \theta)` in reverse mode.

    All states of the method are kept, or, with ``checkpoint``, about 2 sqrt(T) of them, at the price of a second
    forward pass.

    Parameters
    ----------
    outer
        The function ``outer(x, theta)``, a scalar made of JAX's functions.
    method, f, x0, theta, num_steps, dtype
        As for `iterates`.
    checkpoint
        Whether to save memory.

    Returns
    -------
    array or pytree
        Of the form of theta.

    Raises
    ------
    TypeError, ValueError
        As `iterates` does.

    Examples
    --------
    >>> f = lambda x, theta: (x - theta) ** 2 / 2
    >>> outer = lambda x, theta: x**2 / 2
    >>> print(hypergradient(outer, unrolling.gradient_descent(0.5), f, 0.0, 1.0, 2))
    0.5625
    """
    T = whole("num_steps", num_steps)
    method, gradient, start, theta = _arguments(method, f, x0, theta, dtype)
    outer = read("outer", scalar("outer", outer, dtype), jax.eval_shape(start, theta), theta)
    derivative = _hypergradient(outer, method, gradient, start, theta, num_steps=T, checkpoint=bool(checkpoint))
    return finite(f"outer must have a finite gradient at the iterate {T}, which must not overflow", derivative)


def _arguments(method, f, x0, theta, dtype=jnp.float64):
    """The method, the gradient of f and the start as functions that were read, and theta."""
    theta = tree("theta", theta, dtype)
    start, x = read_start(x0, theta, dtype)
    gradient = read_gradient("x0", f, x, theta, dtype)
    return read_method(method, Partial(at, gradient, theta), x), gradient, start, theta


def read_start(x0, theta, dtype=jnp.float64):
    """x0 as a function of theta that was read, and the form of its values."""
    if not callable(x0):
        x = tree("x0", x0, dtype)
        return Partial(_constant, x), x
    start = read("x0", lambda theta: tree("x0", x0(theta), dtype), theta)
    return start, jax.eval_shape(start, theta)


def read_method(method, gradient, x):
    """``method`` with functions that were read, for iterates of the form of x."""
    if not isinstance(method, Method):
        raise TypeError(f"method must be a Method, got {method!r}")
    init = read("method.init", method.init, x)
    state = jax.eval_shape(init, x)
    step = read("method.step", method.step, gradient, state)
    return Method(init, step, read("method.iterate", method.iterate, state))


NOT_LINEAR = (
    "method must combine iterates and gradients linearly, with coefficients that depend on t only, "
    "got one that does not"
)


def read_linear_method(method, gradient, rows):
    """As `read_method`, for rows that are no iterates, but on which a linear method acts as on iterates."""
    try:
        return read_method(method, gradient, rows)
    except (TypeError, ValueError) as error:
        # What is wrong with it for iterates too is said by this, in its own words.
        read_method(method, Partial(_in_rows, gradient, rows), rows[0])
        raise ValueError(f"{NOT_LINEAR}, as it fails on vectors that stand in rows: {error}") from error


def _in_rows(gradient, rows, x):
    return gradient(jnp.broadcast_to(x, rows.shape))[0]


def at(gradient, theta, x):
    """The gradient at x, for a fixed theta."""
    return gradient(x, theta)


def _constant(x0, theta):
    return x0


@compiled
def _iterates(method, gradient, start, theta, *, num_steps):
    gradient = Partial(at, gradient, theta)
    return _run(method, gradient, first_state(method, gradient, start(theta)), num_steps + 1)[1]


def _run(method, gradient, state, length):
    """The state after ``length`` steps, and the iterates before each: the last step is one too many, in exchange for
    never copying the whole trajectory."""
    return jax.lax.scan(lambda s, _: (method.step(gradient, s), method.iterate(s)), state, length=length)


@compiled
def _unroll(method, gradient, start, theta, *, num_steps, first):
    flat, unravel = ravel_pytree(theta)
    directions = jax.vmap(unravel)(jnp.eye(flat.size))

    def push(function, primals, tangents):
        """The value of ``function`` and its derivatives along all directions, the first axis of ``tangents``."""
        return jax.vmap(partial(jax.jvp, function, primals), out_axes=(None, 0))(tangents)

    def step(theta, state):
        return method.step(Partial(at, gradient, theta), state)

    def theta_last(dx):
        """Derivatives of a leaf of x along all directions, as one Jacobian for each leaf of theta."""
        rows = jax.vmap(unravel, 1)(dx.reshape(flat.size, math.prod(dx.shape[1:])))
        return jax.tree.map(lambda row: row.reshape(dx.shape[1:] + row.shape[1:]), rows)

    def differentiated(carry, _):
        state, dstate = carry
        x, dx = push(method.iterate, (state,), (dstate,))
        return push(step, (theta, state), (directions, dstate)), (x, jax.tree.map(theta_last, dx))

    at_theta = Partial(at, gradient, theta)
    state = first_state(method, at_theta, start(theta))
    if first == 0:
        _, dstate = push(lambda theta: method.init(start(theta)), (theta,), (directions,))
    else:
        state, early = _run(method, at_theta, state, first)
        _, dstate = push(lambda _: state, (theta,), (directions,))
    _, (xs, jacobians) = jax.lax.scan(differentiated, (state, dstate), length=num_steps - first + 1)
    if first == 0:
        return Unrolled(xs, jacobians)
    zeros = jax.tree.map(lambda leaf: jnp.zeros((first,) + leaf.shape[1:]), jacobians)
    return Unrolled(*jax.tree.map(lambda *parts: jnp.concatenate(parts), (early, zeros), (xs, jacobians)))


@compiled
def _hypergradient(outer, method, gradient, start, theta, *, num_steps, checkpoint):
    block = math.isqrt(num_steps) if checkpoint else 0

    def loss(theta):
        step = partial(method.step, Partial(at, gradient, theta))

        def body(state, _):
            return step(state), None

        @jax.checkpoint
        def block_of_steps(state, _):
            return jax.lax.scan(body, state, length=block)

        state, done = first_state(method, Partial(at, gradient, theta), start(theta)), 0
        if block:
            state, _ = jax.lax.scan(block_of_steps, state, length=num_steps // block)
            done = num_steps // block * block
        state, _ = jax.lax.scan(body, state, length=num_steps - done)
        return outer(method.iterate(state), theta)

    return jax.grad(loss)(theta)
