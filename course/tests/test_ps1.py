"""What the functions of problem set 1 must do, on data drawn by the course's seed."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task
SEED = int(os.environ.get("COURSE_SEED", 0))


def drawn(number):
    return np.random.default_rng([SEED, number])


@task("ps1-softmax", points=5)
def test_shown_the_shape_is_that_of_the_weights(softmax_jacobian):
    W = np.zeros((2, 3))
    found = softmax_jacobian(W, np.ones((4, 2)), np.array([0, 1, 2, 2]), 1.0)
    assert np.shape(found) == (2, 3), f"W has the shape (2, 3), the answer {np.shape(found)}"
    assert np.allclose(found, 0), "at W = 0 the gradient does not change with θ, and the weights stay"


@task("ps1-softmax", points=15)
def test_the_implicit_function_theorem(softmax_jacobian):
    rng = drawn(1)
    A, classes, W = rng.standard_normal((12, 4)), rng.integers(0, 3, 12), rng.standard_normal((4, 3))

    def f(W, theta):
        return theta / 2 * jnp.sum(W**2) - jax.nn.log_softmax(A @ W)[jnp.arange(12), classes].mean()

    true = unrolling.argmin_jacobian(f, W, 0.3)
    found = softmax_jacobian(W, A, classes, 0.3)
    assert not np.allclose(found, -true, rtol=1e-6), "the sign: ∂W = −H⁻¹ ∂θ∇f"
    # Solving with a matrix of condition below 1e3 costs three of sixteen digits.
    assert np.allclose(found, true, rtol=1e-9, atol=1e-9 * np.abs(true).max()), (
        "the Hessian is that of all of f: the mean over the rows, and θ on the diagonal"
    )


@task("ps1-momentum", points=5)
def test_shown_no_step(momentum_jacobian):
    x, J = momentum_jacobian(lambda x, theta: theta * x, jnp.ones(2), 0.5, 0.9, 0.2, 0)
    assert np.allclose(x, 1) and np.allclose(J, 0), "before the first step the Jacobian is that of x₀, zero"


@task("ps1-momentum", points=15)
def test_it_is_the_derivative_of_the_run(momentum_jacobian):
    rng = drawn(2)
    B = rng.standard_normal((5, 5))
    H, b, x0 = B @ B.T / 10 + np.eye(5), rng.standard_normal(5), rng.standard_normal(5)

    def f(x, theta):
        return theta * x @ H @ x / 2 - b @ x + jnp.sum(jnp.cos(theta * x))

    run = unrolling.unroll(unrolling.momentum(0.3, 0.4), f, x0, 0.7, 9)
    x, J = momentum_jacobian(jax.grad(f), x0, 0.7, 0.3, 0.4, 9)
    assert np.allclose(x, run.iterates[9], rtol=1e-10), "the iterates are not those of gradient descent with momentum"
    no_memory = unrolling.unroll(unrolling.momentum(0.3, 0.4), f, x0, 0.7, 1).jacobians[1]
    J1 = momentum_jacobian(jax.grad(f), x0, 0.7, 0.3, 0.4, 1)[1]
    assert np.allclose(J1, no_memory, rtol=1e-10), "after one step ∂x₁ = −h ∂θ∇f(x₀): the explicit term"
    assert np.allclose(J, run.jacobians[9], rtol=1e-9), "the Jacobians have momentum, too: m (J_t − J_{t−1})"


@task("ps1-bugs", points=10)
def test_shown_the_parameter_in_the_inner_problem(outer_gradient):
    found = outer_gradient(
        lambda x, theta: jnp.sum(x), lambda x, theta: jnp.sum((x - theta) ** 2) / 2, jnp.zeros(1), 1.0, 0.5, 1
    )
    assert abs(found - 0.5) < 1e-12, f"one step gives x = h θ, with the derivative 0.5; got {found}: is θ held fixed?"


@task("ps1-bugs", points=10)
def test_the_gradient_of_all_of_it(outer_gradient):
    rng = drawn(3)
    target, theta = rng.standard_normal(3), rng.standard_normal(3)

    def f(x, theta):
        return jnp.sum((1 + theta**2) * x**2) / 2 - target @ x

    def outer(x, theta):
        return jnp.sum(x * theta) + jnp.sum(theta**3)

    true = unrolling.hypergradient(outer, unrolling.gradient_descent(0.2), f, np.zeros(3), theta, 7)
    found = outer_gradient(outer, f, jnp.zeros(3), theta, 0.2, 7)
    assert np.allclose(found, true, rtol=1e-10), "θ stands in the outer function itself, too"
