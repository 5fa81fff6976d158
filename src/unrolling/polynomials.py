"""The residual polynomials of a method: P_t(0) = 1, and x_t - x* = P_t(H) (x_0 - x*) on a quadratic.

>>> P = residual(gradient_descent(0.5), 3)
>>> print(P(jnp.array([0.0, 1.0, 2.0])).T)
[[1.    1.    1.    1.   ]
 [1.    0.5   0.25  0.125]
 [1.    0.    0.    0.   ]]
"""

import jax
import jax.numpy as jnp

from unrolling.checks import real_array, steps
from unrolling.methods import gradient_descent  # noqa: F401  (the doctest)
from unrolling.unroll import iterates


def residual(method, num_steps):
    """The function lam -> P_0(lam), ..., P_T(lam), of shape (T + 1,) + lam.shape, for T = ``num_steps``.

    P_t(lam) is the t-th iterate of ``method`` on f(x) = lam x^2 / 2 from x_0 = 1 (Fischer, 1996; Hestenes & Stiefel,
    1952). No formula is needed, and none is used.
    """
    T = steps("num_steps", num_steps)

    def polynomials(lam):
        lam = real_array("lam", lam)
        return iterates(method, _quadratics, jnp.ones(lam.shape), lam, T)

    return polynomials


def residual_and_derivative(method, num_steps):
    """The function lam -> (P, P'), both of shape (T + 1,) + lam.shape; P' is one forward-mode derivative of P."""
    polynomials = residual(method, num_steps)

    def both(lam):
        lam = real_array("lam", lam)
        return jax.jvp(polynomials, (lam,), (jnp.ones(lam.shape),))

    return both


def _quadratics(x, lam):
    return (lam * x**2).sum() / 2
