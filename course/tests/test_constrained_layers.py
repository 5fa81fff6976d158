"""What the answers to the graded exercises of practice/constrained-layers must do."""

import numpy as np
import pytest

task = pytest.mark.task


@task("constrained-layers-exercise-adjoint", points=1)
def test_shown_two_variables_and_one_constraint(gradients_in_Q_and_A):
    A, x, mu, g = np.array([[1.0, 0.0]]), np.array([1.0, 2.0]), np.array([3.0]), np.array([0.0, 1.0])
    of_Q, of_A = gradients_in_Q_and_A(np.eye(2), A, x, mu, g)
    assert np.allclose(of_Q, [[0, -0.5], [-0.5, -2]]), f"v = (0, 1), and in Q it is -(v xᵀ + x vᵀ)/2, not {of_Q}"
    assert np.allclose(of_A, [[0, -3]]), f"w = 0, and in A it is -μ vᵀ, not {of_A}"


rng = np.random.default_rng(3)
root = rng.standard_normal((4, 4))
curved, rows = root @ root.T / 4 + np.eye(4), rng.standard_normal((3, 4))
force, tight = np.array([0.7, 0.0, 1.3]), [0, 2]
point, g = rng.standard_normal((2, 4))
limits = rows @ point + [0, 1, 0]


def solved(Q, A):
    """The solution with the same active constraints, for c that makes ``point`` the solution."""
    c = -(curved @ point + rows.T @ force)
    K = np.block([[Q, A[tight].T], [A[tight], np.zeros((2, 2))]])
    return np.linalg.solve(K, np.append(-c, limits[tight]))[:4]


@task("constrained-layers-exercise-adjoint", points=2)
def test_gradients_are_those_of_differences(gradients_in_Q_and_A):
    of_Q, of_A = map(np.asarray, gradients_in_Q_and_A(curved, rows, point, force, g))
    assert of_A.shape == (3, 4), (
        f"the gradient in A has a row for each constraint, active or not, not the shape {of_A.shape}"
    )
    assert np.allclose(of_Q, of_Q.T), "Q is symmetric, and so is the gradient in it"
    for _ in range(4):
        dQ, dA = rng.standard_normal((4, 4)), rng.standard_normal((3, 4))
        dQ = dQ + dQ.T
        rises = [[solved(curved + s * dQ, rows) @ g, solved(curved, rows + s * dA) @ g] for s in (1e-5, -1e-5)]
        in_Q, in_A = np.subtract(*rises) / 2e-5
        assert abs((of_Q * dQ).sum() - in_Q) < 1e-6, "the gradient in Q is not that of differences"
        assert abs((of_A * dA).sum() - in_A) < 1e-6, "the gradient in A has two terms, one with μ and one with x"


@task("constrained-layers-exercise-perturbed", points=1)
def test_shown_at_zero(perturbed_slope):
    found = perturbed_slope(0.0, 1.0)
    assert found < 0, "when the cost rises, less is chosen: the slope is negative"
    assert abs(found + 0.3989) < 1e-4, f"it is minus the density of Z at zero, -0.3989, not {found:.4f}"


@task("constrained-layers-exercise-perturbed", points=2)
@pytest.mark.parametrize("c, sigma", [(0.3, 0.2), (-1.0, 2.0)])
def test_slope_of_the_mean(perturbed_slope, c, sigma):
    z = np.linspace(-9, 9, 180_001)
    weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    means = [weight @ np.clip(0.5 - (c + s + sigma * z) / 2e-3, 0, 1) for s in (1e-2 * sigma, -1e-2 * sigma)]
    right, found = (means[0] - means[1]) / (2e-2 * sigma), perturbed_slope(c, sigma)
    assert abs(found / right - 1) < 1e-3, (
        f"for c = {c} and σ = {sigma} the mean has the slope {right:.4f}, not {found:.4f}"
    )
