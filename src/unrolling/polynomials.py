"""The residual polynomials of a method: P_t(0) = 1, and x_t - x* = P_t(H) (x_0 - x*) on a quadratic."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from unrolling._checks import array, finite_steps
from unrolling._unroll import iterates
from unrolling.methods import Method


class ResidualPolynomials(NamedTuple):
    """P_t and P_t' at some points, for t = 0, ..., T."""

    values: Float[Array, "steps ..."]
    derivatives: Float[Array, "steps ..."]


def residual_polynomials(method: Method, lam: ArrayLike, num_steps: int) -> ResidualPolynomials:
    r"""The residual polynomials :math:`P_0, \dots, P_T` of a method and their derivatives, T = ``num_steps``.

    :math:`P_t(\lambda)` is the t-th iterate of ``method`` on :math:`f(x) = \lambda x^2 / 2` from :math:`x_0 = 1`
    (Hestenes & Stiefel, 1952; Fischer, 1996), and :math:`P_t'` is one forward-mode derivative of it. No formula is
    needed, and none is used.

    Parameters
    ----------
    method
        A method whose iterates and gradients are combined linearly, with coefficients that depend on t only.
    lam
        Points :math:`\lambda`, an array of any shape.
    num_steps
        T, at least 0.

    Returns
    -------
    ResidualPolynomials
        ``values`` and ``derivatives``, each of shape (T + 1,) + lam.shape.

    Raises
    ------
    TypeError, ValueError
        For arguments of the wrong kind or value, and where the polynomials overflow within T steps.

    Examples
    --------
    >>> P, dP = residual_polynomials(unrolling.gradient_descent(0.5), jnp.array([0.0, 1.0, 2.0]), 2)
    >>> print(P.T, dP[2])
    [[1.   1.   1.  ]
     [1.   0.5  0.25]
     [1.   0.   0.  ]] [-1.  -0.5  0. ]
    """
    lam = array("lam", lam)
    P, dP = jax.jvp(
        lambda lam: iterates(method, _quadratics, jnp.ones(lam.shape), lam, num_steps), (lam,), (jnp.ones_like(lam),)
    )
    return finite_steps(ResidualPolynomials(P, dP))


def _quadratics(x, lam):
    return (lam * x**2).sum() / 2
