"""What the answers to the graded exercises of practice/fixed-points must do."""

import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("fixed-points-exercise-symmetric", points=1)
def test_shown_a_symmetric_interval(worst_cosine):
    found = worst_cosine(-0.6, 0.6)
    assert abs(found - 0.8) < 1e-9, f"for [-ρ, ρ] it is the root of 1 - ρ², 0.8 here, not {found:.4f}"


@task("fixed-points-exercise-symmetric", points=2)
@pytest.mark.parametrize("low, high", [(0.0, 0.9), (-0.99, 0.2), (0.3, 0.7)])
def test_no_vector_has_a_smaller_cosine(worst_cosine, low, high):
    found, rng = worst_cosine(low, high), np.random.default_rng(0)
    angles = np.linspace(0, np.pi / 2, 20_001)
    ends = np.array([np.cos(angles), np.sin(angles)]) * [[1.0], [1.0]]
    inside = np.vstack([ends, np.zeros(20_001)]) + 0.3 * rng.standard_normal((3, 20_001))
    cosines = []
    for a, eigenvalues in ((ends, [low, high]), (inside, [low, high, (low + high) / 2])):
        g = (1 - np.array(eigenvalues))[:, None] * a
        cosines.append(((a * g).sum(0) / np.linalg.norm(a, axis=0) / np.linalg.norm(g, axis=0)).min())
    least = min(cosines)
    assert found < least + 1e-6, f"some a has the cosine {least:.4f}, below {found:.4f}"
    assert found > least - 1e-5, (
        f"no a has a cosine below {least:.4f}: the bound with the radius alone is not attained on [{low}, {high}]"
    )


@task("fixed-points-exercise-period", points=1)
def test_shown_one_negative_eigenvalue(largest_damping):
    found = largest_damping(np.diag([0.5, -3.0]))
    assert abs(found - 0.5) < 1e-9, f"I - h (I - J) has the eigenvalue 1 - 4h, so h is below 1/2, not {found}"


@task("fixed-points-exercise-period", points=2)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_radius_below_and_above(largest_damping, seed):
    rng = np.random.default_rng(seed)
    J = 2 * rng.standard_normal((5, 5)) / 5**0.5
    J = J - (np.linalg.eigvals(J).real.max() - 0.9) * np.eye(5)
    h = largest_damping(J)
    below, above = (np.abs(np.linalg.eigvals(np.eye(5) - s * h * (np.eye(5) - J))).max() for s in (0.999, 1.001))
    assert below < 1, f"with h = 0.999 of it the radius is {below:.4f}: eigenvalues may be complex"
    assert above > 1, f"with h = 1.001 of it the radius is still {above:.4f}"


A = np.random.default_rng(0).standard_normal((4, 6))
A = A / np.linalg.norm(A, axis=0)
y, L = np.random.default_rng(1).standard_normal((3, 4)), np.linalg.norm(A, 2) ** 2


def gap_of(x, lam):
    """How far the conditions of the lasso are from being met."""
    slope = (x @ A.T - y) @ A
    return np.where(x == 0, np.maximum(np.abs(slope) - lam, 0), np.abs(slope + lam * np.sign(x))).max()


@task("fixed-points-exercise-lista", points=1)
def test_shown_one_layer(unfolded):
    x = unfolded(jnp.eye(2), jnp.array([[3.0, -0.5]]), jnp.array([0.5]), jnp.array([0.25]))
    assert np.allclose(x, [[1.25, 0.0]]), f"half of y, moved towards zero by 0.25, is (1.25, 0), not {x}"


@task("fixed-points-exercise-lista", points=2)
def test_many_layers_solve_the_lasso(unfolded):
    steps = np.tile([1.5, 0.5], 1000) / L
    x = np.asarray(unfolded(jnp.array(A), jnp.array(y), jnp.array(steps), jnp.array(0.1 * steps)))
    assert x.shape == (3, 6), f"one row for each signal, (3, 6), not {x.shape}"
    assert gap_of(x, 0.1) < 1e-6, "two thousand layers with thresholds λh must end at the minimizer of the lasso"


@task("fixed-points-exercise-lista", points=1)
def test_each_layer_has_its_own_threshold(unfolded):
    x = unfolded(jnp.eye(1), jnp.array([[2.0]]), jnp.array([0.5, 0.5]), jnp.array([0.0, 0.3]))
    assert np.allclose(x, 1.2), f"1 after the first layer, 1.5 - 0.3 = 1.2 after the second, not {x}"
