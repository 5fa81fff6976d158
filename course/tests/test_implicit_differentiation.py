"""What the answers to the exercises of foundations/implicit-differentiation must do."""

import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("implicit-differentiation-exercise-envelope", points=1)
def test_shown_one_variable(value_slope):
    slope = value_slope(lambda x, theta: theta * x**2 / 2 - x, 2.0, 0.5)
    assert abs(slope - 2) < 1e-9, f"the optimal value is -1/(2θ), whose slope at θ = 0.5 is 2, not {slope}"


@task("implicit-differentiation-exercise-envelope", points=1)
def test_any_objective(value_slope):
    f = lambda x, theta: (x - jnp.sin(theta)) ** 2 / 2 + theta**3
    slope = value_slope(f, np.sin(0.7), 0.7)
    assert abs(slope) > 1e-9, "the derivative in x is zero at the minimizer; what counts is the one in θ"
    assert abs(slope - 3 * 0.7**2) < 1e-9, f"here f is not that of ridge regression, and the value is θ³; not {slope}"


@task("implicit-differentiation-exercise-neumann", points=1)
def test_shown_one_term(neumann_jacobian):
    J = neumann_jacobian(np.diag([1.0, 2.0]), np.array([3.0, 5.0]), 0.1, 1)
    assert np.allclose(J, [-0.3, -0.5], rtol=0, atol=1e-12), f"K = 1 is one term, -h times `mixed`, and not {J}"


@task("implicit-differentiation-exercise-neumann", points=2)
@pytest.mark.parametrize("K", [2, 7])
def test_error_is_the_power(neumann_jacobian, K):
    rng = np.random.default_rng(0)
    B, mixed = rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
    H = B @ B.T + np.eye(4)
    shrink = np.eye(4) - H / 20
    exact = -np.linalg.solve(H, mixed)
    J = neumann_jacobian(H, mixed, 1 / 20, K)
    assert J.shape == (4, 3), f"`mixed` has three columns, and so has the Jacobian; not the shape {J.shape}"
    power = np.linalg.matrix_power(shrink, K)
    assert np.abs(J - exact + power @ exact).max() < 1e-9, f"for K = {K} the error is not -(I - hH)^K ∂x⋆"


@task("implicit-differentiation-exercise-data", points=1)
def test_shown_one_feature(jacobian_in_targets):
    J = np.asarray(jacobian_in_targets(np.array([[1.0], [2.0]]), 5.0))
    assert J.shape == (1, 2), f"one coefficient and two targets make the shape (1, 2), not {J.shape}"
    assert np.allclose(J, [[0.1, 0.2]], rtol=0, atol=1e-9), f"x⋆ is (y₁ + 2 y₂)/10; the Jacobian is not {J}"


@task("implicit-differentiation-exercise-data", points=1)
def test_coefficients_are_linear_in_the_targets(jacobian_in_targets):
    rng = np.random.default_rng(1)
    A, y = rng.normal(size=(5, 8)), rng.normal(size=5)  # also with more features than people
    x = jacobian_in_targets(A, 0.3) @ y
    gradient = A.T @ (A @ x - y) + 0.3 * x
    assert np.abs(gradient).max() < 1e-9, (
        "x⋆ is linear in y; so the Jacobian times y is the minimizer, and here it is not"
    )


def cubic(x, theta):
    """A gradient of which np.array([1, -1, 2]) is a root at theta = (0.5, 3)."""
    M, c = jnp.array([[3.0, 1, 0], [1, 4, 1], [0, 1, 5]]), jnp.array([1.0, 2, -1])
    b = jnp.array([0.5, -8.5, 21.0])
    return M @ x + x**3 + theta[0] * x - theta[1] * c - b


@task("implicit-differentiation-exercise-products", points=1)
def test_shown_two_variables(jacobian_from_products):
    H = np.array([[2.0, 1.0], [1.0, 2.0]])
    J = jacobian_from_products(lambda x, theta: H @ x - theta, np.array([1.0, 0.0]), np.array([2.0, 1.0]))
    assert np.shape(J) == (2, 2), f"two variables and two parameters make the shape (2, 2), not {np.shape(J)}"
    assert np.allclose(J, np.linalg.inv(H), rtol=0, atol=1e-6), f"x⋆ = H⁻¹θ, and its Jacobian is H⁻¹, not {J}"


@task("implicit-differentiation-exercise-products", points=2)
def test_where_the_hessian_depends_on_x(jacobian_from_products):
    x, theta = np.array([1.0, -1.0, 2.0]), np.array([0.5, 3.0])
    J = np.asarray(jacobian_from_products(cubic, x, theta))
    M, mixed = np.array([[3.0, 1, 0], [1, 4, 1], [0, 1, 5]]), np.stack([x, [-1.0, -2, 1]], 1)
    exact, at_zero = (-np.linalg.solve(M + np.diag(3 * z**2) + 0.5 * np.eye(3), mixed) for z in (x, 0 * x))
    assert J.shape == exact.shape, f"the shape is {exact.shape}, not {J.shape}"
    right = np.abs(J - exact).max() < 1e-6
    assert right or np.abs(J - at_zero).max() > 1e-4, "f is not quadratic: its Hessian is to be taken at x, not at zero"
    assert right, f"the Jacobian is off by {np.abs(J - exact).max():.1e}"
