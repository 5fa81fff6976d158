"""The residual polynomials of a method: P_t(0) = 1, and x_t - x* = P_t(H) (x_0 - x*) on a quadratic.

>>> P = residual(gradient_descent(0.5), 3)
>>> print(P(jnp.array([0.0, 1.0, 2.0])).T)
[[1.    1.    1.    1.   ]
 [1.    0.5   0.25  0.125]
 [1.    0.    0.    0.   ]]
"""

import jax
import jax.numpy as jnp

from unrolling.checks import finite_steps, real_array, steps
from unrolling.methods import gradient_descent  # noqa: F401  (the doctest)
from unrolling.unroll import iterates


def residual(method, num_steps):
    r"""The function :math:`\lambda \mapsto (P_0(\lambda), \dots, P_T(\lambda))`, T = ``num_steps``.

    It returns an array of shape (T + 1,) + lam.shape.
    :math:`P_t(\lambda)` is the t-th iterate of ``method`` on :math:`f(x) = \lambda x^2 / 2` from :math:`x_0 = 1`
    (Hestenes & Stiefel, 1952; Fischer, 1996). No formula is needed, and none is used.
    """
    T = steps("num_steps", num_steps)

    def polynomials(lam):
        lam = real_array("lam", lam)
        return iterates(method, _quadratics, jnp.ones(lam.shape), lam, T)

    return polynomials


def residual_and_derivative(method, num_steps):
    r"""The function :math:`\lambda \mapsto (P_t(\lambda), P_t'(\lambda))_{t \le T}`, T = ``num_steps``.

    It returns two arrays of shape (T + 1,) + lam.shape; :math:`P'` is one forward-mode derivative of `residual`.
    """
    polynomials = residual(method, num_steps)

    def both(lam):
        lam = real_array("lam", lam)
        P, dP = jax.jvp(polynomials, (lam,), (jnp.ones(lam.shape),))
        return finite_steps(polynomials=P, derivatives=dP)

    return both


def _quadratics(x, lam):
    return (lam * x**2).sum() / 2
