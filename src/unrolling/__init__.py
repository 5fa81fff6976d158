r"""Derivatives of :math:`x_\star(\theta) = \arg\min_x f(x, \theta)`: by unrolling a solver, or implicitly.

>>> import jax, jax.numpy as jnp, unrolling
>>> jax.config.update("jax_enable_x64", True)
>>> problem = unrolling.Quadratic(
...     hessian=lambda theta: jnp.diag(theta * jnp.array([1.0, 10.0])),
...     linear=lambda theta: -jnp.ones(2),
... )
>>> method = unrolling.gradient_descent(step_size=1.0)
>>> errors = unrolling.jacobian_errors(method, problem, x0=jnp.zeros(2), theta=0.1, num_steps=200)
>>> print(f"{errors.jacobian[0]:.1f} {errors.jacobian[50]:.1f} {errors.jacobian[200]:.1e}")
100.5 3.4 1.6e-06

The code rests on one remark. On a quadratic, :math:`x_t - x_\star = P_t(H) (x_0 - x_\star)`, and the residual
polynomial :math:`P_t` of a method is *the method itself*, run on the scalar :math:`f(x) = \lambda x^2 / 2` from
:math:`x_0 = 1`. So a method is written once, and its iterates, its unrolled Jacobians and its polynomials all come
from there.

A Jacobian has shape ``x.shape + theta.shape``, as in JAX. Arrays are float64, for which JAX's 64-bit mode must be on;
`iterates`, `hypergradient` and `implicit_hypergradient` take float32 where they are asked for it. Functions are read
afresh at every call: what they close over may change, and new numbers compile nothing.
"""

from unrolling._sobolev import sobolev
from unrolling._unroll import Unrolled, hypergradient, iterates, unroll
from unrolling.bounds import chebyshev_bound, gradient_descent_bound, worst_case
from unrolling.errors import BurnIn, JacobianErrors, burn_in, jacobian_errors
from unrolling.implicit import argmin_jacobian, conjugate_gradients, direct, implicit_hypergradient, neumann
from unrolling.methods import Method, chebyshev, gradient_descent, join, momentum, nesterov
from unrolling.polynomials import ResidualPolynomials, residual_polynomials
from unrolling.problems import Quadratic, ridge

__all__ = [
    "BurnIn",
    "JacobianErrors",
    "Method",
    "Quadratic",
    "ResidualPolynomials",
    "Unrolled",
    "argmin_jacobian",
    "burn_in",
    "chebyshev",
    "chebyshev_bound",
    "conjugate_gradients",
    "direct",
    "gradient_descent",
    "gradient_descent_bound",
    "hypergradient",
    "implicit_hypergradient",
    "iterates",
    "jacobian_errors",
    "join",
    "momentum",
    "nesterov",
    "neumann",
    "residual_polynomials",
    "ridge",
    "sobolev",
    "unroll",
    "worst_case",
]
