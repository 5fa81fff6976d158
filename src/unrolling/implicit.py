"""The implicit function theorem: a Jacobian or a gradient of an argmin is the solution of a linear system."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jax.tree_util import Partial
from jax.typing import ArrayLike
from jaxtyping import Array, Float, PyTree

from unrolling._checks import (
    array,
    at_least_zero,
    finite,
    is_known,
    is_singular,
    positive,
    same_form,
    scalar,
    tree,
    whole,
)
from unrolling._programs import compiled, read
from unrolling.methods import on_leaves
from unrolling.problems import read_gradient


def argmin_jacobian(f: Callable, x: ArrayLike, theta: ArrayLike) -> Float[Array, "..."]:
    r"""The solution J of :math:`\nabla_x^2 f \, J = -\partial_\theta \nabla_x f` at (x, theta).

    At :math:`x = x_\star(\theta)` this is the Jacobian of :math:`x_\star`, by the implicit function theorem. At another
    x it is an approximation, as good as x is: on a quadratic its error is :math:`-H^{-1} \partial H (x - x_\star)`.

    Parameters
    ----------
    f
        The objective ``f(x, theta)``, a scalar made of JAX's functions.
    x
        The point, an array. The Hessian there, d^2 numbers, is formed and factored; `implicit_hypergradient` needs
        none.
    theta
        The parameters, an array.

    Returns
    -------
    array
        Of shape x.shape + theta.shape.

    Raises
    ------
    TypeError, ValueError
        For arguments of the wrong kind, shape or value; ValueError where the Hessian of ``f`` in x is singular.

    Examples
    --------
    >>> print(argmin_jacobian(lambda x, theta: (x**2).sum() / 2 + theta * x.sum(), jnp.ones(2), 3.0))
    [-1. -1.]
    """
    x, theta = array("x", x), array("theta", theta)
    jacobian, pivots = _argmin_jacobian(read_gradient("x", f, x, theta), x, theta)
    if is_known(pivots) and is_singular(pivots):
        raise ValueError("f must have an invertible Hessian at x, got a singular one")
    return finite("f must have a finite Jacobian at x", jacobian)


def implicit_hypergradient(
    outer: Callable,
    f: Callable,
    x: PyTree,
    theta: PyTree,
    *,
    solve: Callable | None = None,
    dtype=jnp.float64,
) -> PyTree:
    r"""The gradient of :math:`\theta \mapsto \mathrm{outer}(x_\star(\theta), \theta)`, from x near :math:`x_\star`.

    .. math::
        \partial_\theta \, \mathrm{outer} - (\partial_\theta \nabla_x f)^\top v,
        \qquad \nabla_x^2 f \, v = \nabla_x \, \mathrm{outer}, \qquad \text{all at } (x, \theta).

    The Hessian enters by its products only, and the Jacobian of :math:`x_\star` not at all.

    Parameters
    ----------
    outer
        The function ``outer(x, theta)``, a scalar made of JAX's functions.
    f
        The objective ``f(x, theta)``, a scalar made of JAX's functions.
    x
        The point, an array or a pytree of arrays.
    theta
        The parameters, an array or a pytree of arrays.
    solve
        How to solve the system: ``solve(product, b)`` gives v of the form of x, where ``product(v)`` is
        :math:`\nabla_x^2 f \, v`. `direct`, which is the default and forms the Hessian; `conjugate_gradients`;
        `neumann`; or any other, such as a solver of Lineax. As x, it need not be exact, and nobody checks whether it
        is: a series that diverges, or a Hessian that is nearly singular, gives a gradient that is as wrong.
    dtype
        ``jax.numpy.float32`` for single precision; then x and theta must have it. A `Quadratic` needs float64.

    Returns
    -------
    array or pytree
        Of the form of theta.

    Raises
    ------
    TypeError, ValueError
        For arguments of the wrong kind, shape or value; ValueError where the result is not finite.

    Examples
    --------
    >>> f = lambda x, theta: theta * (x**2).sum() / 2 - x.sum()
    >>> outer = lambda x, theta: x.sum() + theta
    >>> x_star = jnp.ones(3) / 2.0
    >>> for solve in (direct, conjugate_gradients(), neumann(0.4, 60)):
    ...     print(f"{implicit_hypergradient(outer, f, x_star, 2.0, solve=solve):.4f}")
    0.2500
    0.2500
    0.2500
    """
    x, theta = tree("x", x, dtype), tree("theta", theta, dtype)
    gradient = read_gradient("x", f, x, theta, dtype)
    outer = read("outer", scalar("outer", outer, dtype), x, theta)
    product = Partial(_hessian_product, gradient, x, theta)
    if solve in (conjugate_gradients, neumann):
        raise TypeError(
            f"solve must be what {solve.__name__} returns, as {solve.__name__}(...), got the function itself"
        )
    solve = read("solve", Partial(direct) if solve is None else solve, product, x)
    return finite(
        "f and outer must have a finite implicit gradient at x, with an invertible Hessian and a solve that converges",
        _implicit_hypergradient(outer, gradient, solve, x, theta),
    )


def direct(product: Callable, b: PyTree) -> PyTree:
    """The v with product(v) = b, a ``solve`` for `implicit_hypergradient`: LU of the matrix of ``product``.

    Parameters
    ----------
    product
        A linear function of pytrees of the form of b.
    b
        The right-hand side, with d numbers in all; the matrix takes d^2.

    Returns
    -------
    array or pytree
        Of the form of b.

    Examples
    --------
    >>> print(direct(lambda v: 2 * v, jnp.ones(2)))
    [0.5 0.5]
    """
    flat, unravel = ravel_pytree(b)
    columns = jax.vmap(lambda v: ravel_pytree(product(unravel(v)))[0])(jnp.eye(flat.size, dtype=flat.dtype))
    return unravel(jnp.linalg.solve(columns.T, flat))


def conjugate_gradients(tolerance: ArrayLike = 1e-10, num_steps: int | None = None) -> Callable:
    """A ``solve`` for `implicit_hypergradient`: conjugate gradients from 0, for a positive definite Hessian.

    Parameters
    ----------
    tolerance
        They stop where the residual is this times the right-hand side (``jax.scipy.sparse.linalg.cg``).
    num_steps
        And after so many steps; 10 times the number of unknowns unless it is given.

    Returns
    -------
    function
        ``solve(product, b)``.

    Raises
    ------
    TypeError, ValueError
        For other values.

    Examples
    --------
    >>> print(conjugate_gradients()(lambda v: 2 * v, jnp.ones(2)))
    [0.5 0.5]
    """
    tolerance = at_least_zero("tolerance", tolerance)
    maxiter = None if num_steps is None else whole("num_steps", num_steps)

    def solve(product, b):
        return jax.scipy.sparse.linalg.cg(product, b, tol=tolerance, maxiter=maxiter)[0]

    return solve


def neumann(step_size: ArrayLike, num_steps: int) -> Callable:
    r"""A ``solve`` for `implicit_hypergradient`: the Neumann series :math:`v = h \sum_{j<T} (I - hH)^j b`, T products.

    That is T steps of gradient descent on :math:`v^\top H v / 2 - b^\top v` from 0, and what T unrolled steps of
    gradient descent give at a point that does not move (Lorraine et al., 2020).

    Parameters
    ----------
    step_size
        h > 0; the series converges for h < 2/L.
    num_steps
        T, at least 0.

    Returns
    -------
    function
        ``solve(product, b)``.

    Raises
    ------
    TypeError, ValueError
        For other values.

    Examples
    --------
    >>> print(neumann(0.25, 2)(lambda v: 2 * v, jnp.ones(2)))
    [0.375 0.375]
    """
    h, T = positive("step_size", step_size), whole("num_steps", num_steps)

    def solve(product, b):
        def step(v, _):
            return on_leaves(lambda h, v, b, Hv: v + h * (b - Hv), [h], v, b, product(v)), None

        return jax.lax.scan(step, jax.tree.map(jnp.zeros_like, b), length=T)[0]

    return solve


def _hessian_product(gradient, x, theta, v):
    return jax.jvp(lambda x: gradient(x, theta), (x,), (v,))[1]


@compiled
def _implicit_hypergradient(outer, gradient, solve, x, theta):
    b, direct_part = jax.grad(outer, (0, 1))(x, theta)
    v = solve(Partial(_hessian_product, gradient, x, theta), b)
    same_form("solve", v, x, "as x")
    _, pull_back = jax.vjp(lambda theta: gradient(x, theta), theta)
    return jax.tree.map(jnp.subtract, direct_part, pull_back(v)[0])


@compiled
def _argmin_jacobian(gradient, x, theta):
    hessian = jax.jacfwd(gradient, 0)(x, theta).reshape(x.size, x.size)
    cross = jax.jacfwd(gradient, 1)(x, theta).reshape(x.size, theta.size)
    factors = jax.scipy.linalg.lu_factor(hessian)
    jacobian = -jax.scipy.linalg.lu_solve(factors, cross)
    return jacobian.reshape(x.shape + theta.shape), jnp.diag(factors[0])
