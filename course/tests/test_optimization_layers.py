"""What the answers to the graded exercises of applications/optimization-layers must do."""

import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


def table_of(x, theta, anchors, epsilon):
    exponents = (x - (theta[:, None] - anchors) ** 2) / epsilon
    exponents = exponents - exponents.max(1, keepdims=True)
    return np.exp(exponents) / np.exp(exponents).sum(1, keepdims=True)


@task("optimization-layers-exercise-nan", points=1)
def test_shown_two_images_and_two_places(safe_round):
    x = safe_round(jnp.zeros(2), jnp.array([0.0, 0.0]), jnp.array([0.0, 1.0]), 1.0)
    right = -np.log([2 / (1 + np.exp(-1.0)), 2 / (1 + np.exp(1.0))])
    assert np.allclose(x, right), (
        f"the columns add up to 1.46 and 0.54, whose logarithms are taken away from x: {right}, not {x}"
    )


@task("optimization-layers-exercise-nan", points=2)
@pytest.mark.parametrize("shift", [0.1, 30.0])
def test_rounds_fill_the_columns(safe_round, shift):
    anchors, x = np.linspace(0, 1, 4), np.zeros(4)
    theta = np.array([0.7, 0.1, 0.5, 0.2]) + shift
    first = table_of(x, theta, anchors, 0.05).sum(0)
    for t in range(150):
        x = np.asarray(safe_round(x, theta, anchors, 0.05))
        assert np.all(np.isfinite(x)), (
            f"after {t + 1} rounds x is not finite: a sum has underflown before its logarithm"
        )
        if t == 0 and shift < 1:
            assert np.allclose(x, -0.05 * np.log(first)), "a round takes ε log of the column sums from x"
    sums = table_of(x, theta, anchors, 0.05).sum(0)
    assert np.abs(sums - 1).max() < 0.01, f"after 150 rounds the columns add up to {np.round(sums, 2)}, and not to one"


@task("optimization-layers-exercise-simplex", points=1)
def test_shown_three_entries(projection_jacobian):
    J = np.asarray(projection_jacobian(np.array([0.7, 0.5, -1.0])))
    assert np.allclose(J[2], 0) and np.allclose(J[:, 2], 0), "the third entry is zero, and stays so"
    assert np.allclose(J[:2, :2], [[0.5, -0.5], [-0.5, 0.5]]), (
        f"the other two move against each other, not by {J[:2, :2]}"
    )


def projected(theta):
    low, high = -theta.max() - 1, 1 - theta.min()
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(theta + middle, 0).sum() < 1 else (low, middle)
    return np.maximum(theta + low, 0)


@task("optimization-layers-exercise-simplex", points=2)
@pytest.mark.parametrize("seed, scale", [(0, 0.3), (1, 1.0), (2, 0.05)])
def test_jacobian_is_that_of_differences(projection_jacobian, seed, scale):
    theta = scale * np.random.default_rng(seed).standard_normal(6)
    chords = [(projected(theta + e) - projected(theta - e)) / 2e-6 for e in 1e-6 * np.eye(6)]
    J = np.asarray(projection_jacobian(theta))
    assert np.allclose(J.sum(0), 0), "the entries always add up to one, so each column of the Jacobian adds up to zero"
    count = np.count_nonzero(projected(theta))
    assert np.abs(J - np.array(chords).T).max() < 1e-6, (
        f"differences say otherwise; {count} of 6 entries are not zero here"
    )
