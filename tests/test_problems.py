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


WEIGHTS = np.array([[0.0, 0.5, 0.2], [0.5, 0.0, 0.7], [0.2, 0.7, 0.0]])
UNSYMMETRIC = {  # symmetric at theta, but not beside it
    "a matrix": (lambda M: M + 2 * jnp.eye(3), lambda M: -jnp.ones(3), WEIGHTS),
    "a directed graph": (lambda W: jnp.diag(1 + W.sum(1)) - W, lambda W: W @ jnp.arange(3.0), WEIGHTS),
    "one corner": (lambda t: jnp.eye(3).at[2, 0].add(t) + WEIGHTS / 2, lambda t: -t * jnp.ones(3), np.array(0.0)),
}


@pytest.fixture(params=UNSYMMETRIC)
def unsymmetric(request):
    hessian, linear, theta = UNSYMMETRIC[request.param]
    f = lambda x, theta: x @ hessian(theta) @ x / 2 + linear(theta) @ x  # noqa: E731
    return unrolling.Quadratic(hessian, linear), f, theta


def test_a_parameter_may_enter_the_hessian_unsymmetrically(unsymmetric, method):
    """f sees the symmetric part only, and so does everything that is derived from it."""
    quadratic, f, theta = unsymmetric
    x0 = np.array([1.0, -1.0, 2.0])
    x_star = quadratic.minimizer(theta)

    def by_newton(theta):
        return -np.linalg.solve(jax.hessian(f)(np.zeros(3), theta), jax.grad(f)(np.zeros(3), theta))

    expected = finite_differences(by_newton, theta)
    np.testing.assert_allclose(quadratic.jacobian(theta), expected, rtol=0, atol=4e-8 * np.abs(expected).max())
    assert_close(jax.jacfwd(quadratic.minimizer)(theta), quadratic.jacobian(theta), 1, 100)
    assert_close(unrolling.argmin_jacobian(f, x_star, theta), quadratic.jacobian(theta), 1, 100)
    assert_close(unrolling.argmin_jacobian(quadratic, x_star, theta), quadratic.jacobian(theta), 1, 100)
    xs, jacobians = unrolling.unroll(method, quadratic, x0, theta, 7)
    for value, same in zip((xs, jacobians), unrolling.unroll(method, f, x0, theta, 7), strict=True):
        assert_close(value, same, 7, 10)
    errors = unrolling.jacobian_errors(method, quadratic, x0, theta, 7)
    E = (jacobians - quadratic.jacobian(theta)).reshape(8, -1)
    assert_close(errors.jacobian, np.linalg.norm(E, axis=1), 7, 100)


def test_outer_steps_on_such_a_parameter_go_through(unsymmetric):
    """They make it unsymmetric, as W_ij and W_ji have gradients of their own; the symmetric part of H counts."""
    quadratic, f, theta = unsymmetric
    outer = lambda x, theta: (x**2).sum() + (theta**2 * jnp.arange(1.0, 1 + theta.size).reshape(theta.shape)).sum()  # noqa: E731
    descent, x0 = unrolling.gradient_descent(0.2), np.zeros(3)
    for _ in range(3):
        steps = [unrolling.hypergradient(outer, descent, problem, x0, theta, 20) for problem in (quadratic, f)]
        assert_close(*steps, 20, 10)
        theta = theta - 0.1 * np.asarray(steps[0])
    assert_close(quadratic.gradient(np.ones(3), theta), jax.grad(f)(np.ones(3), theta), 1, 10)
    assert_close(quadratic(np.ones(3), theta), f(np.ones(3), theta), 1, 10)


def test_whole_numbers_are_numbers():
    assert_close(unrolling.ridge([[1, 0], [0, 1]], [1, 1]).minimizer(1), np.array([0.5, 0.5]), 1, 10)
