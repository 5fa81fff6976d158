"""Objectives f(x, theta). Any function that returns a scalar is one; a `Quadratic` knows its own minimizer."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jax.typing import ArrayLike
from jaxtyping import Array, Float

from unrolling._checks import array, callable_, finite, is_known, is_singular, scalar
from unrolling._programs import compiled, read


class Quadratic:
    r""":math:`f(x, \theta) = \tfrac12 x^\top H(\theta) x + b(\theta)^\top x`, a function ``f(x, theta)``.

    Of ``hessian`` only the symmetric part matters, as in f: where it is not symmetric, :math:`H` stands for
    :math:`(H + H^\top) / 2` everywhere, and so does its derivative in theta.

    Parameters
    ----------
    hessian
        theta -> H(theta), of shape (d, d), made of JAX's functions.
    linear
        theta -> b(theta), of shape (d,), made of JAX's functions.

    Raises
    ------
    TypeError, ValueError
        Where they are no functions, and, when they are called, for results of other shapes or dtypes.

    Examples
    --------
    >>> problem = Quadratic(lambda theta: theta * jnp.eye(2), lambda theta: -jnp.ones(2))
    >>> print(problem.minimizer(2.0), problem.jacobian(2.0), problem(jnp.ones(2), 2.0))
    [0.5 0.5] [-0.25 -0.25] 0.0
    """

    def __init__(self, hessian: Callable, linear: Callable):
        self.hessian, self.linear = callable_("hessian", hessian), callable_("linear", linear)

    def __call__(self, x: ArrayLike, theta: ArrayLike) -> Float[Array, ""]:
        H, b = self._model(theta)
        x = fitting("x", x, b)
        return x @ (H @ x) / 2 + b @ x

    def gradient(self, x: ArrayLike, theta: ArrayLike) -> Float[Array, " d"]:
        r""":math:`H(\theta) x + b(\theta)`."""
        return self._gradient("x", x, theta)

    def minimizer(self, theta: ArrayLike) -> Float[Array, " d"]:
        r""":math:`x_\star(\theta) = -H^{-1} b`. Raises ValueError unless H is positive definite."""
        return self._solution(_minimizer, theta)

    def jacobian(self, theta: ArrayLike) -> Float[Array, "d ..."]:
        r""":math:`\partial x_\star = -H^{-1} (\partial H x_\star + \partial b)`, of shape (d,) + theta.shape.

        Raises ValueError unless H is positive definite.
        """
        return self._solution(_jacobian, theta)

    def _gradient(self, name, x, theta):
        H, b = self._model(theta)
        return H @ fitting(name, x, b) + b

    def _model(self, theta):
        """H and b at theta."""
        theta = array("theta", theta)
        H, b = array("hessian(theta)", self.hessian(theta)), array("linear(theta)", self.linear(theta))
        if H.ndim != 2 or H.shape[0] != H.shape[1] or H.size == 0:
            raise ValueError(f"hessian(theta) must have shape (d, d) with d at least 1, got {H.shape}")
        if b.shape != H.shape[:1]:
            raise ValueError(f"linear(theta) must have shape {H.shape[:1]} to fit hessian(theta), got {b.shape}")
        return (H + H.T) / 2, b

    def _derivative(self, model):
        """The function (theta, basis U) -> (e -> U^T dH(theta) U e, one row for each entry of theta)."""
        return Partial(_rotated_derivative, model)

    def _solution(self, solver, theta):
        theta = array("theta", theta)
        solution, pivots = solver(read("hessian and linear", self._model, theta), theta)
        self._check_definite(theta, pivots)
        return solution

    def _check_definite(self, theta, values):
        """Raise if H, with these eigenvalues or pivots, is not positive definite, or nearly not."""
        if is_known(values) and (np.min(values) < 0 or is_singular(values)):
            smallest, largest = np.linalg.eigvalsh(self._model(theta)[0])[[0, -1]]
            raise ValueError(
                f"hessian(theta) must be positive definite, got eigenvalues from {smallest:.3g} to {largest:.3g}"
            )


def ridge(A: ArrayLike, y: ArrayLike) -> Quadratic:
    r"""Ridge regression, :math:`f = \tfrac12 \|A x - y\|^2 + \tfrac12 \sum_i \theta_i x_i^2 - \tfrac12 \|y\|^2`.

    A `Quadratic` with :math:`H = A^\top A + \mathrm{diag}(\theta)` and :math:`b = -A^\top y`; the constant
    :math:`\tfrac12 \|y\|^2` is left out. theta is () or (d,): one weight for all coefficients, or one for each.

    Parameters
    ----------
    A
        The data, of shape (n, d).
    y
        The targets, of shape (n,).

    Raises
    ------
    TypeError, ValueError
        For arrays of other dtypes or shapes.

    Examples
    --------
    >>> print(ridge(jnp.eye(2), jnp.ones(2)).minimizer(jnp.array([1.0, 3.0])))
    [0.5  0.25]
    """
    A, y = array("A", A), array("y", y)
    if A.ndim != 2:
        raise ValueError(f"A must have shape (n, d), got {A.shape}")
    if y.shape != A.shape[:1]:
        raise ValueError(f"y must have shape {A.shape[:1]} to fit A, got {y.shape}")
    gram = finite("A must give finite products A^T A", A.T @ A)
    return _Ridge((gram + gram.T) / 2, finite("y must give finite products A^T y", A.T @ y))


class _Ridge(Quadratic):
    """H = gram + diag(theta): dH x is theta's tangent times x, and is never formed as a matrix."""

    def __init__(self, gram, moment):
        self.gram, self.moment = gram, moment

    def hessian(self, theta):
        return self.gram + jnp.diag(self._weights(theta))

    def linear(self, theta):
        return -self.moment

    def _gradient(self, name, x, theta):
        x = fitting(name, x, self.moment)
        return self.gram @ x + self._weights(theta) * x - self.moment

    def _derivative(self, model):
        return Partial(_rotated_weights)

    def _weights(self, theta):
        theta, shape = array("theta", theta), jnp.shape(self.moment)
        if theta.shape not in ((), shape):
            raise ValueError(f"theta must have shape () or {shape} to fit A, got {theta.shape}")
        return jnp.broadcast_to(theta, shape)


def read_gradient(name, f, x, theta, dtype=jnp.float64):
    """The gradient of f in its first argument, read at (x, theta); an error about x calls it ``name``."""
    if isinstance(f, Quadratic):
        if dtype != jnp.float64:
            raise TypeError(f"dtype must be float64 for a Quadratic, got {jnp.dtype(dtype)}")
        return read("f", partial(f._gradient, name), x, theta)
    return Partial(_gradient, read("f", scalar("f", f, dtype), x, theta))


def _gradient(f, x, theta):
    return jax.grad(f)(x, theta)


def fitting(name, x, b):
    x = array(name, x)
    if x.shape != jnp.shape(b):
        raise ValueError(f"{name} must have shape {jnp.shape(b)} to fit the quadratic, got {x.shape}")
    return x


def _solve(model, theta):
    H, b = model(theta)
    factor = jax.scipy.linalg.cho_factor(H)
    return -jax.scipy.linalg.cho_solve(factor, b), factor, jnp.diag(factor[0]) ** 2


@compiled
def _minimizer(model, theta):
    x, _, pivots = _solve(model, theta)
    return x, pivots


@compiled
def _jacobian(model, theta):
    x, factor, pivots = _solve(model, theta)

    def gradient(theta):
        H, b = model(theta)
        return H @ x + b

    cross = jax.jacfwd(gradient)(theta)
    return -jax.scipy.linalg.cho_solve(factor, cross.reshape(x.size, theta.size)).reshape(cross.shape), pivots


def _rotated_derivative(model, theta, basis):
    derivative = jax.jacfwd(lambda theta: model(theta)[0])(theta).reshape(*basis.shape, theta.size)
    return Partial(_products, jnp.einsum("ia,ijk,jb->kab", basis, derivative, basis))


def _products(matrices, e):
    return matrices @ e


def _rotated_weights(theta, basis):
    return Partial(_weighted, basis) if theta.ndim else Partial(_once)


def _weighted(rows, e):
    """U^T diag(w) U e for the unit vectors w, as U^T diag(w) U = sum_i w_i u_i u_i^T with the ``rows`` u_i of U."""
    return (rows @ e)[:, None] * rows


def _once(e):
    return e[None]
