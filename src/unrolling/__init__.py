r"""Derivatives of :math:`x_\star(\theta) = \arg\min_x f(x, \theta)`: by unrolling a solver, or implicitly.

>>> import jax.numpy as jnp, unrolling
>>> problem = unrolling.Quadratic(
...     hessian=lambda theta: jnp.diag(theta * jnp.array([1.0, 10.0])),
...     linear=lambda theta: -jnp.ones(2),
... )
>>> method = unrolling.gradient_descent(step_size=1.0)
>>> x_error, jacobian_error = unrolling.jacobian_errors(
...     method, problem, x0=jnp.zeros(2), theta=0.1, num_steps=200
... )
>>> print(f"{jacobian_error[0]:.1f} {jacobian_error[50]:.1f} {jacobian_error[200]:.1e}")
100.5 3.4 1.6e-06

The code rests on one remark. On a quadratic, :math:`x_t - x_\star = P_t(H) (x_0 - x_\star)`, and the residual
polynomial :math:`P_t` of a method is *the method itself*, run on the scalar :math:`f(x) = \lambda x^2 / 2` from
:math:`x_0 = 1`. So a method is written once, and its iterates, its unrolled Jacobians and its polynomials all come
from there.

All arrays are float64: importing the library turns on JAX's 64-bit mode. A Jacobian has shape
``x.shape + theta.shape``, as in JAX.
"""

import jax

jax.config.update("jax_enable_x64", True)

from unrolling.bounds import chebyshev_bound, gradient_descent_bound  # noqa: E402
from unrolling.implicit import argmin_jacobian  # noqa: E402
from unrolling.methods import Method, chebyshev, gradient_descent, momentum, nesterov  # noqa: E402
from unrolling.polynomials import residual, residual_and_derivative  # noqa: E402
from unrolling.problems import Quadratic, ridge  # noqa: E402
from unrolling.sobolev import sobolev  # noqa: E402
from unrolling.unroll import hypergradient, iterates, jacobian_errors, unroll  # noqa: E402

__all__ = [
    "Method",
    "Quadratic",
    "argmin_jacobian",
    "chebyshev",
    "chebyshev_bound",
    "gradient_descent",
    "gradient_descent_bound",
    "hypergradient",
    "iterates",
    "jacobian_errors",
    "momentum",
    "nesterov",
    "residual",
    "residual_and_derivative",
    "ridge",
    "sobolev",
    "unroll",
]
