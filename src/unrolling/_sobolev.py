"""The method whose residual polynomial is best for the Jacobian, in the mean."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.tree_util import Partial
from jax.typing import ArrayLike

from unrolling._checks import at_least_zero, number, spectrum
from unrolling.methods import Method, on_leaves, position


def sobolev(ell: ArrayLike, L: ArrayLike, alpha: ArrayLike = 0, eta: ArrayLike = 1) -> Method:
    r"""The method whose :math:`P_t` minimizes :math:`\int_\ell^L (P^2 + \eta P'^2)\, w\, d\lambda` under P(0) = 1.

    It does so at every t. The weight is :math:`w = (1 - s^2)^{\alpha - 1/2}` with
    :math:`s = (L + \ell - 2\lambda) / (L - \ell)`. One gradient a step, and memory for five iterates.

    The minimizer is the kernel polynomial :math:`\sum_n S_n(s) S_n(s_0) / \|S_n\|^2` over its value at
    :math:`s_0 = s(0)`, where the :math:`S_n` are orthogonal in the Sobolev inner product. In terms of the monic
    Gegenbauer polynomials :math:`p_n` of w,

    .. math::
        p_{n+1} = s p_n - \beta_n p_{n-1}, \qquad S_n = p_n - c_n p_{n-2} - d_n S_{n-2},
        \qquad (p_n - c_n p_{n-2})' = n p_{n-1}.

    A derivation of this book's own. That methods from Sobolev orthogonal polynomials lift the curse of unrolling was
    announced by one of the authors of Scieur et al. (2022).

    Parameters
    ----------
    ell, L
        The ends of an interval that holds the eigenvalues of the Hessian, 0 < ell < L, scalars.
    alpha
        The exponent of the weight, greater than -1/2.
    eta
        The weight of the derivative, at least 0, in the unit of :math:`\lambda^2`: at best the ratio
        :math:`\|\partial H (x_0 - x_\star)\|^2 / \|\partial x_0 - \partial x_\star\|^2`. From x_0 = 0, where only H
        depends on theta, that is between ``ell**2`` and ``L**2``. Unless it is known, ``ell * L`` is a fair guess;
        ``L**2`` is calm and slow. The default is for L = 1.

    Raises
    ------
    ValueError
        For other values.

    Examples
    --------
    >>> xs = unrolling.iterates(sobolev(ell=0.1, L=1.0), lambda x, theta: theta * x**2 / 2, 1.0, 0.1, 2)
    >>> print(f"{xs[1]:.4f} {xs[2]:.4f}")
    0.9608 0.9279
    """
    ell, L = jax.lax.stop_gradient(spectrum(ell, L, strict=True))
    alpha = jax.lax.stop_gradient(number("alpha", alpha, "greater than -1/2", lambda v: v > -0.5))
    eta = jax.lax.stop_gradient(at_least_zero("eta", eta))
    step = Partial(_step, 2 / (L - ell), (L + ell) / (L - ell), alpha, eta * (2 / (L - ell)) ** 2)
    return Method(Partial(_rest), step, Partial(position))


class _State(NamedTuple):
    x: Any  # the iterate: P_n
    y: Any  # p_n(s) / p_n(s_0)
    y_previous: Any
    z: Any  # S_n(s) / p_n(s_0), not over S_n(s_0), which changes sign with n and may be zero
    z_previous: Any
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

    y_next = on_leaves(
        lambda a, b, y, p, gradient: y + a * (y - p) - b * gradient,
        jax.lax.stop_gradient([beta_previous * back, scale * rho_next]),
        *(y, y_previous, gradient(y)),
    )
    z_next = on_leaves(
        lambda back, c, d, y, p, z: y - back * (c * p + d * z),
        jax.lax.stop_gradient([back, c, d]),
        *(y_next, y_previous, z_previous),
    )
    x_next = on_leaves(
        lambda weight, g, x, z: x + weight * (z - g * x), jax.lax.stop_gradient([weight, g_next]), x, z_next
    )
    return _State(x_next, y_next, y, z_next, z, jax.lax.stop_gradient(scalars))
