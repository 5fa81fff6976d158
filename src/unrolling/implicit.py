"""The implicit function theorem: the Jacobian of an argmin is the solution of a linear system."""

from functools import partial

import jax
import jax.numpy as jnp

from unrolling.checks import finite, is_known, real_array
from unrolling.problems import gradient_of, is_singular


def argmin_jacobian(f, x, theta):
    r"""The solution J of :math:`\nabla_x^2 f \, J = -\partial_\theta \nabla_x f` at (x, theta), x.shape + theta.shape.

    At :math:`x = x_\star(\theta)` this is the Jacobian of :math:`x_\star`, by the implicit function theorem. At another
    x it is an approximation, as good as x is: on a quadratic its error is :math:`-H^{-1} \partial H (x - x_\star)`.
    Raises ValueError where the Hessian of ``f`` in x is singular.
    """
    x, theta = real_array("x", x), real_array("theta", theta)
    gradient_of(f, x, theta, name="x")
    jacobian, pivots = _solve(f, x, theta)
    if is_known(pivots) and is_singular(pivots):
        raise ValueError("f must have an invertible Hessian at x, got a singular one")
    return finite("f", jacobian, "Jacobian")


@partial(jax.jit, static_argnums=0)
def _solve(f, x, theta):
    gradient = gradient_of(f, x, theta)
    hessian = jax.jacfwd(gradient, 0)(x, theta).reshape(x.size, x.size)
    cross = jax.jacfwd(gradient, 1)(x, theta).reshape(x.size, theta.size)
    factors = jax.scipy.linalg.lu_factor(hessian)
    jacobian = -jax.scipy.linalg.lu_solve(factors, cross)
    return jacobian.reshape(x.shape + theta.shape), jnp.diag(factors[0])
