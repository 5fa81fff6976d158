"""The method whose residual polynomial is best for the Jacobian, in the mean: Sobolev orthogonal polynomials at work.

>>> method = sobolev(ell=0.1, L=1.0)
>>> state = method.step(lambda x: 0.1 * x, method.init(1.0))
>>> print(f"{method.iterate(state):.4f}")
0.9608
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.tree_util import Partial

from unrolling.checks import number, spectrum
from unrolling.methods import Method


def sobolev(ell, L, alpha=0, eta=1):
    r"""The method whose :math:`P_t` minimizes :math:`\int_\ell^L (P^2 + \eta P'^2)\, w\, d\lambda` under P(0) = 1.

    It does so at every t. The weight is :math:`w = (1 - s^2)^{\alpha - 1/2}` with
    :math:`s = (L + \ell - 2\lambda) / (L - \ell)`. One gradient a step, and memory for five iterates. ``eta`` has the
    unit of :math:`\lambda^2`: a Hessian of another scale than L = 1 wants a multiple of ``L**2``. Raises ValueError
    unless 0 < ell < L, alpha > -1/2 and eta >= 0.

    The minimizer is the kernel polynomial :math:`\sum_n S_n(s) S_n(s_0) / \|S_n\|^2` over its value at
    :math:`s_0 = s(0)`, where the :math:`S_n` are orthogonal in the Sobolev inner product. In terms of the monic
    Gegenbauer polynomials :math:`p_n` of w,

    .. math::
        p_{n+1} = s p_n - \beta_n p_{n-1}, \qquad S_n = p_n - c_n p_{n-2} - d_n S_{n-2},
        \qquad (p_n - c_n p_{n-2})' = n p_{n-1}.

    A derivation of this book's own. That methods from Sobolev orthogonal polynomials lift the curse of unrolling was
    announced by Scieur et al. (2022).
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L, strict=True))
    alpha = jax.lax.stop_gradient(number("alpha", alpha, "greater than -1/2", lambda v: v > -0.5))
    eta = jax.lax.stop_gradient(number("eta", eta, "at least 0", lambda v: v >= 0))
    scaled = number("eta * (2 / (L - ell))**2", eta * (2 / (L - ell)) ** 2, "at most 1e100", lambda v: v <= 1e100)
    step = Partial(_step, 2 / (L - ell), (L + ell) / (L - ell), alpha, scaled)
    return Method(Partial(_rest), step, Partial(_position))


class _State(NamedTuple):
    x: jax.Array  # the iterate: P_n
    y: jax.Array  # p_n(s) / p_n(s_0)
    y_previous: jax.Array
    z: jax.Array  # S_n(s) / p_n(s_0): g points, as S_n(s_0), which changes sign with n, may be zero
    z_previous: jax.Array
    scalars: "_Scalars"


class _Scalars(NamedTuple):
    n: jax.Array
    rho: jax.Array  # p_{n-1}(s_0) / p_n(s_0)
    g: jax.Array  # S_n(s_0) / p_n(s_0)
    g_previous: jax.Array
    size: jax.Array  # |S_n|^2 / |p_n|^2
    size_previous: jax.Array
    total: jax.Array  # sum of S_m(s_0)^2 / |S_m|^2 over m <= n, times |p_n|^2 / p_n(s_0)^2


def _rest(x0):
    zero, one = jnp.zeros(()), jnp.ones(())
    return _State(x0, x0, x0, x0, x0, _Scalars(zero, zero, one, one, one, one, one))


def _position(state):
    return state.x


def _beta(n, alpha):
    """beta_n = |p_n|^2 / |p_{n-1}|^2 of the monic Gegenbauer polynomials; for n = 0 its choice changes nothing."""
    later = jnp.maximum(n, 2)
    later = later * (later + 2 * alpha - 1) / (4 * (later + alpha) * (later + alpha - 1))
    return jnp.where(n == 1, 1 / (2 * (1 + alpha)), later)


def _c(n, alpha):
    """c_n; for n <= 2 its choice changes nothing, as p_0 = S_0."""
    n = jnp.maximum(n, 3)
    return n * (n - 1) / (4 * (n + alpha - 1) * (n + alpha - 2))


def _step(scale, s0, alpha, eta, gradient, state):
    x, y, y_previous, z, z_previous, (n, rho, g, g_previous, size, size_previous, total) = state
    n = n + 1
    beta_previous, beta, c = _beta(n - 1, alpha), _beta(n, alpha), _c(n, alpha)

    rho_next = 1 / (s0 - beta_previous * rho)  # rho_0 = 0
    back = rho_next * rho  # p_{n-2}(s_0) / p_n(s_0)
    d = -c / size_previous
    g_next = 1 - back * (c + d * g_previous)
    size_next = 1 + eta * n**2 / beta + c**2 * (1 - 1 / size_previous) / (beta * beta_previous)
    total = total * rho_next**2 * beta + g_next**2 / size_next
    weight = g_next / (size_next * total)
    scalars = _Scalars(n, rho_next, g_next, g, size_next, size, total)
    rho_next, back, c, d, g_next, beta_previous, weight = jax.lax.stop_gradient(
        (rho_next, back, c, d, g_next, beta_previous, weight)
    )

    y_next = y + beta_previous * back * (y - y_previous) - scale * rho_next * gradient(y)
    z_next = y_next - back * (c * y_previous + d * z_previous)
    return _State(x + weight * (z_next - g_next * x), y_next, y, z_next, z, jax.lax.stop_gradient(scalars))
