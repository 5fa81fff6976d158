"""Quadratics and ridge regression against linear algebra done by NumPy, and finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from conftest import CASES, METHODS, A, Y
from reference import assert_close, finite_differences

import unrolling

THETAS = {"scalar theta": np.array(0.3), "vector theta": np.array([0.3, 0.5, 0.9])}


@pytest.fixture(params=THETAS)
def theta(request):
    return THETAS[request.param]


def test_ridge_is_its_formula(theta):
    """Up to the constant |y|^2 / 2; `iterates` and the rest use the same gradient, or jax.grad of the value."""
    problem, x = unrolling.ridge(A, Y), np.array([1.0, -2.0, 0.5])
    value = ((A @ x - Y) ** 2).sum() / 2 + (theta * x**2).sum() / 2 - Y @ Y / 2
    assert_close(problem(x, theta), np.asarray(value), 1, 10)
    gradient = A.T @ (A @ x - Y) + theta * x
    assert_close(problem.gradient(x, theta), gradient, 1, 10)
    assert_close(jax.grad(problem)(x, theta), gradient, 1, 10)
    x_star = np.linalg.lstsq(np.vstack([A, np.diag(np.sqrt(theta * np.ones(3)))]), np.append(Y, np.zeros(3)))[0]
    assert_close(problem.minimizer(theta), x_star, 1, 100)


def test_ridge_is_the_quadratic_with_its_matrices(theta):
    """`_Ridge` never forms dH; the Quadratic beside it differentiates the whole matrix."""
    ridge = unrolling.ridge(A, Y)
    plain = unrolling.Quadratic(lambda theta: A.T @ A + jnp.diag(theta * jnp.ones(3)), lambda theta: -A.T @ Y)
    x0 = lambda theta: jnp.array([1.0, -1.0, 2.0]) * theta  # noqa: E731
    assert_close(ridge.jacobian(theta), plain.jacobian(theta), 1, 100)
    for error, expected in zip(
        unrolling.jacobian_errors(METHODS["nesterov"], ridge, x0, theta, 7),
        unrolling.jacobian_errors(METHODS["nesterov"], plain, x0, theta, 7),
        strict=True,
    ):
        assert_close(error, expected, 7, 10)


def test_a_quadratic_is_its_matrices():
    problem, theta, _ = CASES["quadratic"]
    x, H, b = np.array([1.0, -2.0, 0.5]), np.asarray(problem.hessian(theta)), np.asarray(problem.linear(theta))
    assert_close(problem(x, theta), np.asarray(x @ H @ x / 2 + b @ x), 1, 10)
    assert_close(problem.gradient(x, theta), H @ x + b, 1, 10)
    assert_close(jax.grad(problem)(x, theta), H @ x + b, 1, 10)
    assert_close(problem.minimizer(theta), -np.linalg.solve(H, b), 1, 100)


def test_the_jacobian_is_that_of_the_minimizer(quadratic):
    """Truncation leaves 4e-11 times a third derivative in theta, which a condition number of 10 can make a thousand."""
    f, theta, _ = quadratic
    jacobian, expected = f.jacobian(theta), finite_differences(f.minimizer, theta)
    assert jacobian.shape == expected.shape
    np.testing.assert_allclose(jacobian, expected, rtol=0, atol=4e-8 * np.abs(expected).max())


def test_a_matrix_of_parameters():
    """The Jacobian has shape (d,) + theta.shape, for `jacobian` as for `unroll`; the error norm adds up all of it."""
    problem = unrolling.Quadratic(lambda theta: jnp.eye(2) + theta @ theta.T, lambda theta: theta.sum(1))
    theta = np.array([[1.0, 0.5, -0.5], [0.25, -1.0, 2.0]])
    method, x0 = unrolling.gradient_descent(0.1), np.zeros(2)
    jacobian = problem.jacobian(theta)
    np.testing.assert_allclose(jacobian, finite_differences(problem.minimizer, theta), rtol=0, atol=1e-8)
    _, jacobians = unrolling.unroll(method, problem, x0, theta, 7)
    assert jacobian.shape == (2, 2, 3) and jacobians.shape == (8, 2, 2, 3)
    _, error = unrolling.jacobian_errors(method, problem, x0, theta, 7)
    assert_close(error, np.sqrt(((jacobians - jacobian) ** 2).sum((1, 2, 3))), 7, 10)


def test_values_may_be_traced():
    f, theta, _ = CASES["quadratic"]
    minimizer, jacobian = jax.jit(lambda theta: (f.minimizer(theta), f.jacobian(theta)))(theta)
    assert_close(minimizer, f.minimizer(theta), 1, 100)
    assert_close(jacobian, f.jacobian(theta), 1, 100)
    assert_close(jax.jacfwd(f.minimizer)(theta), f.jacobian(theta), 1, 100)


def test_rounding_does_not_make_a_hessian_asymmetric():
    """A^T A in floats can differ from its transpose in the last digit; that is no mistake of the caller."""
    nearly = np.array([[2.0, 1.0], [1.0 + 4e-16, 2.0]])
    problem = unrolling.Quadratic(lambda theta: theta * nearly, lambda theta: -jnp.ones(2))
    np.testing.assert_allclose(problem.minimizer(1.0), [1 / 3, 1 / 3], rtol=1e-14)


def test_whole_numbers_are_numbers():
    assert_close(unrolling.ridge([[1, 0], [0, 1]], [1, 1]).minimizer(1), np.array([0.5, 0.5]), 1, 10)
