"""Objectives f(x, theta). Any function that returns a scalar is one; a `Quadratic` knows its own minimizer.

>>> problem = ridge(jnp.eye(2), jnp.ones(2))
>>> print(problem.minimizer(1.0), problem.jacobian(1.0))
[0.5 0.5] [-0.25 -0.25]
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from threadpoolctl import ThreadpoolController

from unrolling.checks import call, finite, function, is_known, real_array

_BLAS = ThreadpoolController()


class Quadratic:
    r""":math:`f(x, \theta) = \tfrac12 x^\top H(\theta) x + b(\theta)^\top x`, with :math:`H(\theta)` positive definite.

    ``hessian`` is theta -> H(theta), (d, d), and ``linear`` is theta -> b(theta), (d,), both JAX functions.
    `minimizer`, `jacobian` and everything that unrolls raise ValueError when the shapes do not fit, or when H is not
    symmetric or not positive definite.
    """

    def __init__(self, hessian, linear):
        self.hessian, self.linear = _array_function("hessian", hessian), _array_function("linear", linear)

    def __call__(self, x, theta):
        H, b = self._model(theta)
        x = vector("x", x, b.shape)
        return finite("x", x @ (H @ x) / 2 + b @ x, "value")

    def gradient(self, x, theta):
        r""":math:`H(\theta) x + b(\theta)`, (d,)."""
        H, b = self._model(theta)
        return finite("x", vector("x", x, b.shape) @ H + b, "gradient")  # H is symmetric

    def minimizer(self, theta):
        r""":math:`x_\star(\theta) = -H^{-1} b`, (d,)."""
        H, b = self.definite(theta)
        return finite("theta", jax.scipy.linalg.solve(H, -b, assume_a="pos"), "minimizer")

    def jacobian(self, theta):
        r""":math:`\partial x_\star = -H^{-1} (\partial H x_\star + \partial b)`, (d,) + theta.shape."""
        theta = real_array("theta", theta)
        H, b = self.definite(theta)
        factor = jax.scipy.linalg.cho_factor(H)
        x = -jax.scipy.linalg.cho_solve(factor, b)
        cross = jax.jacfwd(self.gradient, 1)(x, theta)
        jacobian = -jax.scipy.linalg.cho_solve(factor, cross.reshape(b.size, theta.size)).reshape(cross.shape)
        return finite("theta", jacobian, "Jacobian")

    def definite(self, theta):
        """H(theta) and b(theta), with H seen to be symmetric and positive definite."""
        H, b = self.symmetric(theta)
        if is_known(H):
            try:
                # One thread: idle BLAS threads spin for a while, and would slow down whatever XLA runs next.
                with _BLAS.limit(limits=1):
                    pivots = np.diag(np.linalg.cholesky(H)) ** 2
            except np.linalg.LinAlgError:
                pivots = np.zeros(1)
            if is_singular(pivots):
                raise indefinite(np.linalg.eigvalsh(H))
        return H, b

    def symmetric(self, theta):
        """H(theta) and b(theta), with H seen to be symmetric."""
        H, b = self._model(theta)
        asymmetry, size = _asymmetry(H)
        # Rounding can make A^T A differ from its transpose, but never by a billionth.
        if is_known(asymmetry) and asymmetry > 1e-9 * size:
            raise ValueError(f"hessian(theta) must be symmetric, got |H - H^T| up to {asymmetry:.3g}")
        return H, b

    def rotated_derivative(self, theta, basis):
        """The linear map e -> U^T dH(theta) (U e), (d,) -> theta.shape + (d,), for an orthogonal ``basis`` U."""
        derivative = jnp.einsum("ia,ij...,jb->b...a", basis, jax.jacfwd(self.hessian)(theta), basis)
        return lambda e: jnp.tensordot(e, derivative, 1)

    def _model(self, theta):
        theta = real_array("theta", theta)
        H, b = self.hessian(theta), self.linear(theta)
        if H.ndim != 2 or H.shape[0] != H.shape[1] or H.size == 0:
            raise ValueError(f"hessian(theta) must have shape (d, d) with d at least 1, got {H.shape}")
        if b.shape != H.shape[:1]:
            raise ValueError(f"linear(theta) must have shape {H.shape[:1]} to fit hessian(theta), got {b.shape}")
        return H, b


def ridge(A, y):
    r"""Ridge regression, :math:`f = \tfrac12 \|A x - y\|^2 + \tfrac12 \sum_i \theta_i x_i^2 - \tfrac12 \|y\|^2`.

    ``A`` is (n, d), ``y`` is (n,), theta is () or (d,): one weight for all coefficients, or one for each. The result is
    a `Quadratic` with :math:`H = A^\top A + \mathrm{diag}(\theta)` and :math:`b = -A^\top y`; the constant
    :math:`\tfrac12 \|y\|^2` is left out. Raises ValueError for shapes that do not fit.
    """
    A, y = real_array("A", A), real_array("y", y)
    if A.ndim != 2:
        raise ValueError(f"A must have shape (n, d), got {A.shape}")
    if y.shape != A.shape[:1]:
        raise ValueError(f"y must have shape {A.shape[:1]} to fit A, got {y.shape}")
    return _Ridge(finite("A", A.T @ A, "A^T A"), finite("y", A.T @ y, "A^T y"))


class _Ridge(Quadratic):
    """H = gram + diag(theta): dH x is theta's tangent times x, and is never formed as a matrix."""

    def __init__(self, gram, moment):
        self.gram, self.moment = gram, moment
        super().__init__(lambda theta: gram + jnp.diag(self._weights(theta)), lambda theta: -moment)

    def gradient(self, x, theta):
        x = vector("x", x, self.moment.shape)
        return finite("x", x @ self.gram + self._weights(theta) * x - self.moment, "gradient")

    def rotated_derivative(self, theta, basis):
        return (lambda e: (basis @ e)[:, None] * basis) if theta.ndim else (lambda e: e)

    def _weights(self, theta):
        d = self.moment.size
        theta = real_array("theta", theta)
        if theta.shape not in ((), (d,)):
            raise ValueError(f"theta must have shape () or {(d,)} to fit A, got {theta.shape}")
        return jnp.broadcast_to(theta, d)


def gradient_of(f, x, theta, name="x0"):
    """The gradient of ``f`` in its first argument, once f(x, theta) was seen to be a float64 scalar.

    A `Quadratic` must also fit x, whose ``name`` an error gives, and be positive definite.
    """
    if isinstance(f, Quadratic):
        vector(name, x, f.definite(theta)[1].shape)
        return f.gradient
    check_scalar("f", f, x, theta)
    return jax.grad(f)


def check_scalar(name, value, x, theta):
    """Raise unless ``value`` is a function whose value at (x, theta) is a float64 scalar."""
    value = call(name, partial(jax.eval_shape, function(name, value)), x, theta)
    if getattr(value, "shape", None) != () or value.dtype != jnp.float64:
        raise ValueError(f"{name} must return a float64 scalar, got {value}")


def is_singular(values):
    """Whether a matrix with these pivots or eigenvalues is singular, or so nearly that no three digits can be right."""
    size = np.abs(values)
    return not size.min(initial=np.inf) > 1e-13 * size.max(initial=0)  # true for NaN


def indefinite(eigenvalues):
    """The error for a Hessian with these eigenvalues, in increasing order."""
    smallest, largest = eigenvalues[0], eigenvalues[-1]
    return ValueError(f"hessian(theta) must be positive definite, got eigenvalues from {smallest:.3g} to {largest:.3g}")


def vector(name, x, shape):
    """``x`` as a float64 array of the shape that fits a quadratic."""
    x = real_array(name, x)
    if x.shape != shape:
        raise ValueError(f"{name} must have shape {shape} to fit the quadratic, got {x.shape}")
    return x


def _array_function(name, value):
    """``value``, a function of theta, as one that gives float64 arrays."""
    value = function(name, value)
    return lambda theta: real_array(f"{name}(theta)", call(name, value, theta))


@jax.jit
def _asymmetry(H):
    return jnp.abs(H - H.T).max(initial=0), jnp.abs(H).max(initial=0)
