"""First-order methods, each written once.

A method is three functions, like an optimizer of optax:

    init(x0) -> state        step(gradient, state) -> state        iterate(state) -> x

where ``gradient`` is the function x -> grad f(x), and x is an array or a pytree of arrays. The state starts at x_0, and
every call of ``step`` moves it to the next iterate:

    >>> method = gradient_descent(step_size=0.5)
    >>> state = method.init(1.0)
    >>> state = method.step(lambda x: 0.4 * x, state)
    >>> print(method.iterate(state))
    0.8

The functions are `jax.tree_util.Partial` objects that hold the method's parameters as leaves. A method therefore goes
through ``jax.jit`` and ``jax.vmap`` as an argument: another step size compiles nothing again.

Parameters are constants of the differentiation: ``stop_gradient`` keeps a step size that was computed from theta from
leaking its own derivative into a Jacobian. So the gradient of anything here *in a step size* is zero. Who wants that
gradient writes a `Method` of their own, with a step that closes over h: ``lambda gradient, x: x - h * gradient(x)``.

That rule is for coefficients that are fixed in advance. A solver that computes them from its iterates, as conjugate
gradients do, can be ruined by ``stop_gradient``, and another one by its absence: see the chapter "Solvers that adapt".
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.tree_util import Partial
from jax.typing import ArrayLike

from unrolling._checks import number, positive, same_form, spectrum, whole


class Method(NamedTuple):
    """A first-order method: ``init(x0) -> state``, ``step(gradient, state) -> state``, ``iterate(state) -> x``.

    The state is any pytree; its leaves may be of any dtype, and keep their shapes. What the functions read, as closures
    or attributes, is read at every call of the library.

    >>> class Averaging(NamedTuple):
    ...     x: jax.Array
    ...     mean: jax.Array
    ...     t: jax.Array
    >>> averaged = Method(
    ...     init=lambda x0: Averaging(x0, x0, jnp.array(1)),
    ...     step=lambda gradient, s: Averaging(
    ...         s.x - 0.5 * gradient(s.x), s.mean + (s.x - 0.5 * gradient(s.x) - s.mean) / (s.t + 1), s.t + 1
    ...     ),
    ...     iterate=lambda s: s.mean,
    ... )
    >>> state = averaged.step(lambda x: x, averaged.init(1.0))
    >>> print(averaged.iterate(state))
    0.75
    """

    init: Callable[[Any], Any]
    step: Callable[[Callable, Any], Any]
    iterate: Callable[[Any], Any]


def gradient_descent(step_size: ArrayLike) -> Method:
    r"""Gradient descent, :math:`x_{t+1} = x_t - h \nabla f(x_t)`.

    On a quadratic with eigenvalues in :math:`[\ell, L]` it converges for h < 2/L. Residual polynomial
    :math:`(1 - h\lambda)^t`.

    Parameters
    ----------
    step_size
        h > 0, a scalar.

    Raises
    ------
    ValueError
        Unless h > 0.

    Examples
    --------
    >>> print(unrolling.iterates(gradient_descent(0.5), lambda x, theta: theta * x**2 / 2, 1.0, 1.0, 2))
    [1.   0.5  0.25]
    """
    h = jax.lax.stop_gradient(positive("step_size", step_size))
    return Method(Partial(_unchanged), Partial(_gradient_step, h), Partial(_unchanged))


def momentum(step_size: ArrayLike, momentum: ArrayLike) -> Method:
    r"""Polyak's heavy ball, :math:`x_{t+1} = x_t - h \nabla f(x_t) + m (x_t - x_{t-1})`, with :math:`x_{-1} = x_0`.

    The best constants for eigenvalues in :math:`[\ell, L]` are :math:`h = (2 / (\sqrt L + \sqrt\ell))^2` and
    :math:`m = ((\sqrt L - \sqrt\ell) / (\sqrt L + \sqrt\ell))^2` (Polyak, 1964).

    Parameters
    ----------
    step_size
        h > 0, a scalar.
    momentum
        m in [0, 1), a scalar.

    Raises
    ------
    ValueError
        For other values.

    Examples
    --------
    >>> print(unrolling.iterates(momentum(0.5, 0.5), lambda x, theta: theta * x**2 / 2, 1.0, 1.0, 2))
    [1.  0.5 0. ]
    """
    h = jax.lax.stop_gradient(positive("step_size", step_size))
    m = jax.lax.stop_gradient(number("momentum", momentum, "at least 0 and less than 1", lambda v: 0 <= v < 1))
    return Method(Partial(_rest), Partial(_heavy_ball_step, h, m), Partial(position))


def nesterov(ell: ArrayLike, L: ArrayLike) -> Method:
    r"""Nesterov's method: a gradient step of size 1/L from :math:`y_t = x_t + m (x_t - x_{t-1})`.

    The momentum is :math:`m = (1 - \sqrt\kappa) / (1 + \sqrt\kappa)`, :math:`\kappa = \ell / L` (Nesterov, 2004).

    Parameters
    ----------
    ell, L
        The ends of an interval that holds the eigenvalues of the Hessian, 0 < ell <= L, scalars.

    Raises
    ------
    ValueError
        Unless 0 < ell <= L.

    Examples
    --------
    >>> print(unrolling.iterates(nesterov(0.25, 1.0), lambda x, theta: theta * x**2 / 2, 1.0, 0.25, 2))
    [1.   0.75 0.5 ]
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L))
    root = jnp.sqrt(ell / L)
    return Method(Partial(_rest), Partial(_nesterov_step, 1 / L, (1 - root) / (1 + root)), Partial(position))


def chebyshev(ell: ArrayLike, L: ArrayLike) -> Method:
    r"""The Chebyshev method, of smallest worst-case error after t steps for eigenvalues in :math:`[\ell, L]`.

    Its residual polynomial is :math:`T_t(s) / T_t(s_0)` with Chebyshev's polynomial :math:`T_t`,
    :math:`s = (L + \ell - 2\lambda) / (L - \ell)` and :math:`s_0 = s(0)`. The three-term recurrence of :math:`T_t`,
    divided by :math:`T_t(s_0)`, gives the method (Flanders & Shortley, 1950)

    .. math::
        x_{t+1} &= x_t + (w_{t+1} - 1) (x_t - x_{t-1}) - w_{t+1} h \nabla f(x_t), \qquad h = 2 / (L + \ell), \\
        w_1 &= 1, \quad w_2 = 1 / (1 - q / 2), \quad w_{t+1} = 1 / (1 - q w_t / 4), \qquad q = 1 / s_0^2.

    The :math:`w_t` stay in [1, 2], so that nothing overflows at any t.

    Parameters
    ----------
    ell, L
        The ends of an interval that holds the eigenvalues of the Hessian, 0 < ell <= L, scalars.

    Raises
    ------
    ValueError
        Unless 0 < ell <= L.

    Examples
    --------
    >>> xs = unrolling.iterates(chebyshev(0.5, 1.5), lambda x, theta: theta * x**2 / 2, 1.0, 1.0, 2)
    >>> print(f"{xs[2]:.4f} is 1 / T_2(2) = {-1 / 7:.4f}")
    -0.1429 is 1 / T_2(2) = -0.1429
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L))
    h, q = 2 / (L + ell), ((L - ell) / (L + ell)) ** 2
    return Method(Partial(_chebyshev_rest), Partial(_chebyshev_step, h, q), Partial(position))


def join(first: Method, then: Method, num_steps: int = 1) -> Method:
    r"""``num_steps`` steps of the method ``first``; from the iterate that they reach, the method ``then``.

    With K = ``num_steps`` the residual polynomial after t > K steps is the product of :math:`P_K` of ``first`` and
    :math:`P_{t-K}` of ``then``. One step of gradient descent of size 1/L first keeps the Jacobian of many methods from
    growing.

    Parameters
    ----------
    first, then
        The methods.
    num_steps
        K, at least 0.

    Raises
    ------
    TypeError, ValueError
        For other values.

    Examples
    --------
    >>> short_step_first = join(gradient_descent(0.5), gradient_descent(1.0))
    >>> print(unrolling.iterates(short_step_first, lambda x, theta: theta * x**2 / 2, 1.0, 1.5, 3))
    [ 1.      0.25   -0.125   0.0625]
    """
    for name, method in ("first", first), ("then", then):
        if not isinstance(method, Method):
            raise TypeError(f"{name} must be a Method, got {method!r}")
    K = whole("num_steps", num_steps)
    return Method(
        Partial(_joined_start, first, then), Partial(_joined_step, first, then, K), Partial(_joined_iterate, then)
    )


def first_state(method, gradient, x0):
    """``method.init(x0)``; its other states must have the same form, and its iterates that of x0."""
    state = method.init(x0)
    step, iterate = jax.eval_shape(lambda s: (method.step(gradient, s), method.iterate(s)), state)
    same_form("method.step", step, state, "the form of what method.init gives")
    same_form("method.iterate", iterate, x0, "the form of x0")
    return state


def on_leaves(formula, coefficients, *trees):
    """``formula(*coefficients, *leaves)`` for the leaves of the trees, in the precision of the first of them."""

    def on_leaf(*leaves):
        return formula(*(jnp.asarray(c, jnp.result_type(leaves[0])) for c in coefficients), *leaves)

    return jax.tree.map(on_leaf, *trees)


def _unchanged(x):
    return x


def _gradient_step(h, gradient, x):
    return on_leaves(lambda h, x, g: x - h * g, [h], x, gradient(x))


class _TwoIterates(NamedTuple):
    x: Any
    previous: Any


def _rest(x0):
    return _TwoIterates(x0, x0)


def position(state):
    return state.x


def _heavy_ball_step(h, m, gradient, state):
    x, previous = state
    x_next = on_leaves(lambda h, m, x, p, g: x - h * g + m * (x - p), [h, m], x, previous, gradient(x))
    return _TwoIterates(x_next, x)


def _nesterov_step(h, m, gradient, state):
    x, previous = state
    y = on_leaves(lambda m, x, p: x + m * (x - p), [m], x, previous)
    return _TwoIterates(_gradient_step(h, gradient, y), x)


class _ChebyshevState(NamedTuple):
    x: Any
    previous: Any
    w: jax.Array  # w_t, and 0 at t = 0
    t: jax.Array


def _chebyshev_rest(x0):
    return _ChebyshevState(x0, x0, jnp.zeros(()), jnp.zeros((), int))


def _chebyshev_step(h, q, gradient, state):
    x, previous, w, t = state
    w = jax.lax.stop_gradient(1 / (1 - jnp.where(t == 1, 1 / 2, 1 / 4) * q * w))
    x_next = on_leaves(lambda w, h, x, p, g: x + (w - 1) * (x - p) - w * h * g, [w, h], x, previous, gradient(x))
    return _ChebyshevState(x_next, x, w, t + 1)


class _Joined(NamedTuple):
    first: Any
    then: Any  # at rest, at the iterate of ``first``, until that is done
    t: jax.Array


def _joined_start(first, then, x0):
    return _Joined(first.init(x0), then.init(x0), jnp.zeros((), int))


def _joined_step(first, then, num_steps, gradient, state):
    def early(state):
        now = first.step(gradient, state.first)
        return _Joined(now, then.init(first.iterate(now)), state.t + 1)

    def late(state):
        return state._replace(then=then.step(gradient, state.then), t=state.t + 1)

    return jax.lax.cond(state.t < num_steps, early, late, state)


def _joined_iterate(then, state):
    return then.iterate(state.then)
