"""First-order methods, each written once.

A method is three functions, like an optimizer of optax:

    init(x0) -> state        step(gradient, state) -> state        iterate(state) -> x

where ``gradient`` is the function x -> grad f(x). The state starts at x_0, and every call of ``step`` moves it to the
next iterate:

    >>> method = gradient_descent(step_size=0.5)
    >>> state = method.init(1.0)
    >>> state = method.step(lambda x: 0.4 * x, state)
    >>> print(method.iterate(state))
    0.8

The functions are `jax.tree_util.Partial` objects that hold the method's parameters as leaves. A method therefore goes
through ``jax.jit`` and ``jax.vmap`` as an argument: another step size compiles nothing again.

Parameters are constants of the differentiation: ``stop_gradient`` keeps a step size that was computed from theta from
leaking its own derivative into a Jacobian.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

from unrolling.checks import number, positive, spectrum


class Method(NamedTuple):
    """A first-order method: ``init(x0) -> state``, ``step(gradient, state) -> state``, ``iterate(state) -> x``."""

    init: Callable
    step: Callable
    iterate: Callable


def gradient_descent(step_size):
    r"""Gradient descent, :math:`x_{t+1} = x_t - h \nabla f(x_t)`.

    ``step_size`` is h > 0; on a quadratic with eigenvalues in :math:`[\ell, L]` it converges for h < 2/L. Residual
    polynomial :math:`(1 - h\lambda)^t`. Raises ValueError for h <= 0.
    """
    h = jax.lax.stop_gradient(positive("step_size", step_size))
    return Method(Partial(_unchanged), Partial(_gradient_step, h), Partial(_unchanged))


def momentum(step_size, momentum):
    r"""Polyak's heavy ball, :math:`x_{t+1} = x_t - h \nabla f(x_t) + m (x_t - x_{t-1})`, with :math:`x_{-1} = x_0`.

    ``step_size`` is h > 0, ``momentum`` is m in [0, 1). The best constants for eigenvalues in :math:`[\ell, L]` are
    :math:`h = (2 / (\sqrt L + \sqrt\ell))^2` and :math:`m = ((\sqrt L - \sqrt\ell) / (\sqrt L + \sqrt\ell))^2`
    (Polyak, 1964). Raises ValueError for other values.
    """
    h = jax.lax.stop_gradient(positive("step_size", step_size))
    m = jax.lax.stop_gradient(number("momentum", momentum, "at least 0 and less than 1", lambda v: 0 <= v < 1))
    return Method(Partial(_rest), Partial(_heavy_ball_step, h, m), Partial(_position))


def nesterov(ell, L):
    r"""Nesterov's method: a gradient step of size 1/L from :math:`y_t = x_t + m (x_t - x_{t-1})`.

    The momentum is :math:`m = (1 - \sqrt\kappa) / (1 + \sqrt\kappa)`, :math:`\kappa = \ell / L` (Nesterov, 2004).
    Raises ValueError unless 0 < ell <= L.
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L))
    root = jnp.sqrt(ell / L)
    return Method(Partial(_rest), Partial(_nesterov_step, 1 / L, (1 - root) / (1 + root)), Partial(_position))


def chebyshev(ell, L):
    r"""The Chebyshev method, of smallest worst-case error after t steps for eigenvalues in :math:`[\ell, L]`.

    Its residual polynomial is :math:`T_t(s) / T_t(s_0)` with Chebyshev's polynomial :math:`T_t`,
    :math:`s = (L + \ell - 2\lambda) / (L - \ell)` and :math:`s_0 = s(0)`. The three-term recurrence of :math:`T_t`,
    divided by :math:`T_t(s_0)`, gives the method (Flanders & Shortley, 1950)

    .. math::
        x_{t+1} &= x_t + (w_{t+1} - 1) (x_t - x_{t-1}) - w_{t+1} h \nabla f(x_t), \qquad h = 2 / (L + \ell), \\
        w_1 &= 1, \quad w_2 = 1 / (1 - q / 2), \quad w_{t+1} = 1 / (1 - q w_t / 4), \qquad q = 1 / s_0^2.

    The :math:`w_t` stay in [1, 2], so that nothing overflows at any t. Raises ValueError unless 0 < ell <= L.
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L))
    h, q = 2 / (L + ell), ((L - ell) / (L + ell)) ** 2
    return Method(Partial(_chebyshev_rest), Partial(_chebyshev_step, h, q), Partial(_position))


def _unchanged(x):
    return x


def _gradient_step(h, gradient, x):
    return x - h * gradient(x)


class _TwoIterates(NamedTuple):
    x: jax.Array
    previous: jax.Array


def _rest(x0):
    return _TwoIterates(x0, x0)


def _position(state):
    return state.x


def _heavy_ball_step(h, m, gradient, state):
    x, previous = state
    return _TwoIterates(x - h * gradient(x) + m * (x - previous), x)


def _nesterov_step(h, m, gradient, state):
    x, previous = state
    y = x + m * (x - previous)
    return _TwoIterates(y - h * gradient(y), x)


class _ChebyshevState(NamedTuple):
    x: jax.Array
    previous: jax.Array
    w: jax.Array  # w_t, and 0 at t = 0
    t: jax.Array  # as a float, for a tangent of its own type


def _chebyshev_rest(x0):
    return _ChebyshevState(x0, x0, jnp.zeros(()), jnp.zeros(()))


def _chebyshev_step(h, q, gradient, state):
    x, previous, w, t = state
    w = jax.lax.stop_gradient(1 / (1 - jnp.where(t == 1, 1 / 2, 1 / 4) * q * w))
    return _ChebyshevState(x + (w - 1) * (x - previous) - w * h * gradient(x), x, w, t + 1)
