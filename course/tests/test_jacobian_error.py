"""What the answers to the exercises of theory/jacobian-error must do."""

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("jacobian-error-exercise-bug", points=1)
def test_shown_start_with_the_right_jacobian(start_norms):
    one = unrolling.Quadratic(lambda theta: theta * jnp.eye(1), lambda theta: (1 - 3 * theta) * jnp.ones(1))
    D, G = start_norms(one, lambda theta: jnp.array([3 + 4 * (theta - 0.5)]), 0.5)
    assert abs(D) < 1e-9, f"the start moves as the solution does, with the slope 4: D = 0, not {D}"
    assert abs(G - 2) < 1e-9, f"the first gradient moves, also because x₀ does: G = 2, not {G}"


@task("jacobian-error-exercise-bug", points=2)
def test_two_parameters(start_norms):
    problem = unrolling.Quadratic(
        lambda theta: jnp.array([[2.0, 0.5], [0.5, 3.0]]) + jnp.diag(theta),
        lambda theta: jnp.array([-1.0, -2.0]) - theta,
    )
    theta, M = np.array([0.5, 1.0]), np.array([[1.0, 2.0], [-1.0, 0.5]])
    H, b, x0 = np.array([[2.5, 0.5], [0.5, 4.0]]), np.array([-1.5, -3.0]), M @ theta
    partial = np.diag(x0) - np.eye(2)  # of the gradient, with x0 held fixed
    E0 = M + np.linalg.solve(H, np.diag(np.linalg.solve(H, -b)) - np.eye(2))
    D, G = map(float, start_norms(problem, lambda theta: M @ theta, theta))
    frobenius, spectral = ([np.linalg.norm(it, p) for it in (E0, partial + H @ M)] for p in (None, 2))
    assert abs(D - spectral[0]) > 1e-9 and abs(G - spectral[1]) > 1e-9, "D and G are Frobenius norms"
    assert abs(G - np.linalg.norm(partial)) > 1e-9, "g is the total derivative; the term H ∂x₀ is missing"
    assert abs(D - frobenius[0]) < 1e-9, f"D is {frobenius[0]:.4f}, not {D:.4f}"
    assert abs(G - frobenius[1]) < 1e-9, f"G is {frobenius[1]:.4f}, not {G:.4f}"


@task("jacobian-error-exercise-step", points=1)
def test_shown_one_variable(step_term):
    term = float(np.ravel(step_term(np.array([[2.0]]), np.array([3.0]), 0.25, 1.0, 1))[0])
    assert abs(term + 6) < 1e-12, (
        f"after one step x₁ - x⋆ = (1 - hλ) e₀, whose derivative in h is -λ e₀ = -6, not {term}"
    )


@task("jacobian-error-exercise-step", points=2)
@pytest.mark.parametrize("t", [0, 2, 5])
def test_term_is_the_derivative_in_the_step(step_term, t):
    H, e0, h, dh = np.array([[1.0, 0.4], [0.4, 2.0]]), np.array([1.0, -2.0]), 0.3, -0.7
    power = lambda h: np.linalg.matrix_power(np.eye(2) - h * H, t) @ e0
    chord = (power(h + 1e-6) - power(h - 1e-6)) / 2e-6
    term = np.asarray(step_term(H, e0, h, dh, t))
    if t == 0:
        assert np.abs(term).max() == 0, "before the first step no step size has been used"
    assert np.abs(term - chord).max() > 1e-6 or t == 0, "the derivative of the step size is a factor"
    assert np.abs(term - dh * chord).max() < 1e-6, f"for t = {t} it is {dh * chord}, not {term}"


def momentum(lam, num_steps):
    """P_T of momentum with h = 0.9 and m = 0.3."""
    before, now = 1.0, 1 - 0.9 * lam
    for _ in range(num_steps - 1):
        before, now = now, (1.3 - 0.9 * lam) * now - 0.3 * before
    return now


@task("jacobian-error-exercise-triangular", points=1)
def test_shown_two_steps_of_gradient_descent(corner):
    value = float(corner(unrolling.gradient_descent(1.0), 0.3, 0.6, 2))
    assert abs(value - 0.49) > 1e-9, "that is P₂(a): start from (0, 1)"
    assert abs(value - 0.16) > 1e-9, "that is P₂(b), the second component"
    assert abs(value + 1.1) < 1e-9, f"of (1 - λ)² the divided difference at 0.3, 0.6 is -2 + 0.3 + 0.6, not {value}"


@task("jacobian-error-exercise-triangular", points=2)
def test_corner_is_the_divided_difference(corner):
    method = unrolling.momentum(0.9, 0.3)
    apart, together = float(corner(method, 0.2, 0.7, 5)), float(corner(method, 0.4, 0.4, 5))
    quotient = (momentum(0.2, 5) - momentum(0.7, 5)) / -0.5
    slope = (momentum(0.4 + 1e-6, 5) - momentum(0.4 - 1e-6, 5)) / 2e-6
    assert abs(apart - quotient) < 1e-9, f"for momentum P₅[0.2, 0.7] is {quotient:.4f}, not {apart:.4f}"
    assert abs(together - slope) < 1e-6, f"for a = b it is P₅'(a) = {slope:.4f}, not {together:.4f}"


@task("jacobian-error-exercise-norm", points=1)
def test_shown_the_identity_twice(nu):
    value = float(nu(np.stack([np.eye(2), np.eye(2)], 2)))
    assert abs(value - 2) > 1e-9, "that is the Frobenius norm of ∂H; v has length one"
    assert abs(value - 1) > 1e-9, "that is the norm of one ∂ⱼH; the columns of ∂H v count together"
    assert abs(value - 2**0.5) < 1e-9, f"both columns of ∂H v are v, so it is √2, not {value}"


@task("jacobian-error-exercise-norm", points=2)
def test_largest_over_all_directions(nu):
    rng = np.random.default_rng(0)
    dH = rng.normal(size=(4, 4, 3))
    dH = dH + dH.swapaxes(0, 1)
    value, v = float(nu(dH)), rng.normal(size=4)
    for _ in range(500):  # power iteration
        v = np.einsum("ilj,ij->l", dH, np.einsum("ilj,l->ij", dH, v))
        v = v / np.linalg.norm(v)
    largest = np.linalg.norm(np.einsum("ilj,l->ij", dH, v))
    assert abs(value - largest) < 1e-6 * largest, (
        f"a direction v has ‖∂H v‖ = {largest:.4f}, and ν is said to be {value:.4f}"
    )
