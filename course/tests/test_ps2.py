"""What the functions of problem set 2 must do, on instances drawn by the course's seed."""

import os

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task
SEED = int(os.environ.get("COURSE_SEED", 0))


def drawn(number):
    return np.random.default_rng([SEED, number])


def box(method):
    def run(lam, num_steps):
        return np.ravel(unrolling.residual_polynomials(method, [lam], num_steps).values)

    return run


def agree(found, constants):
    """To five digits; the answer divides differences of numbers of order one, and loses less than ten of sixteen."""
    return found.keys() == constants.keys() and all(abs(found[it] / constants[it] - 1) < 1e-5 for it in constants)


@task("ps2-mystery", points=5)
def test_shown_gradient_descent(diagnose):
    name, constants = diagnose(box(unrolling.gradient_descent(0.3)))
    assert name == "gradient descent", f"this is gradient descent, not {name}"
    assert agree(constants, {"step_size": 0.3}), f"P₁(1) = 0.7, so the step is 0.3; got {constants}"


@task("ps2-mystery", points=7)
def test_momentum(diagnose):
    rng = drawn(1)
    h, m = rng.uniform(0.2, 0.9), rng.uniform(0.2, 0.6)
    name, constants = diagnose(box(unrolling.momentum(h, m)))
    assert name == "momentum", f"this is momentum, not {name}: the third iterate decides"
    assert agree(constants, {"step_size": h, "momentum": m}), f"the constants are not {constants}"


@task("ps2-mystery", points=8)
def test_chebyshev(diagnose):
    rng = drawn(2)
    ell, L = rng.uniform(0.05, 0.5), rng.uniform(2.5, 4)
    name, constants = diagnose(box(unrolling.chebyshev(ell, L)))
    assert name == "Chebyshev", f"this is Chebyshev's method, not {name}: its momentum changes from step to step"
    assert agree(constants, {"ell": ell, "L": L}), f"the constants are not {constants}"


@task("ps2-numbers", points=5)
def test_shown_a_constant_start(two_numbers):
    D, G = two_numbers(lambda theta: theta * jnp.eye(1), lambda theta: -jnp.ones(1), lambda theta: jnp.ones(1), 2.0)
    assert abs(D - 0.25) < 1e-12, f"x⋆ = 1/θ, so D = 1/θ² = 0.25; got {D}"
    assert abs(G - 1) < 1e-12, f"the gradient at the start is θ − 1, so G = 1; got {G}"


@task("ps2-numbers", points=15)
def test_a_start_that_moves(two_numbers):
    rng = drawn(3)
    B, c = rng.standard_normal((4, 4)), rng.standard_normal(4)
    H = B @ B.T + np.eye(4)
    problem = unrolling.Quadratic(lambda theta: H + theta**2 * jnp.diag(c**2), lambda theta: jnp.cos(theta) * c)
    theta, direction = 0.8, rng.standard_normal(4)
    D, G = two_numbers(problem.hessian, problem.linear, lambda theta: theta**3 * direction, theta)
    moves = 3 * theta**2 * direction
    at_start = 2 * theta * c**2 * theta**3 * direction - np.sin(theta) * c
    assert abs(D - np.linalg.norm(problem.jacobian(theta))) > 1e-3, "the start has a Jacobian: D is ‖∂x₀ − ∂x⋆‖"
    assert abs(D / np.linalg.norm(moves - problem.jacobian(theta)) - 1) < 1e-9, f"D is not {D}"
    assert abs(G - np.linalg.norm(at_start)) > 1e-3, "G has the total derivative: x₀ moves with θ"
    total = at_start + problem.hessian(theta) @ moves
    assert abs(G / np.linalg.norm(total) - 1) < 1e-9, f"G is not {G}"


def parts(counterexample):
    return [np.asarray(it, float) for it in counterexample()]


@task("ps2-counterexample", points=5)
def test_shown_what_is_asked_of_the_matrices(counterexample):
    H, M, b, x0 = parts(counterexample)
    assert H.shape == M.shape == (2, 2) and b.shape == x0.shape == (2,), "H and M are 2 × 2, b and x₀ of length 2"
    assert np.allclose(H, H.T) and np.allclose(M, M.T), "H and M are symmetric"
    assert np.allclose(np.linalg.eigvalsh(H), [0.1, 1]), "H has the eigenvalues 0.1 and 1"
    assert not np.allclose(H @ M, M @ H), "these matrices commute, and then the bound is a theorem"


@task("ps2-counterexample", points=15)
def test_the_bound_fails(counterexample):
    H, M, b, x0 = parts(counterexample)
    solution = -np.linalg.solve(H, b)
    jacobian = -np.linalg.solve(H, M @ solution)
    x, J, errors = x0, np.zeros(2), []
    for _ in range(61):
        errors.append(np.linalg.norm(J - jacobian))
        x, J = x - (H @ x + b), J - (H @ J + M @ x)
    D, G = np.linalg.norm(jacobian), np.linalg.norm(M @ x0)
    bound = unrolling.gradient_descent_bound(1.0, 0.1, 1.0, 60, D=D, G=G)
    over = (np.array(errors) - bound).max() / max(errors) if max(errors) else 0
    assert over >= 0.1, f"the error exceeds the bound by {max(over, 0):.0%} of its largest value, a tenth is asked for"
