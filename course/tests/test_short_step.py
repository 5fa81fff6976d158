"""What the answers to the graded exercises of remedies/short-step must do."""

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("short-step-exercise-mean", points=1)
def test_shown_means_for_a_tenth(averaged_height):
    two = averaged_height((1, 1), 0.1)
    assert abs(two - 1.48) < 0.01, f"for κ = 0.1 the mean of two has the height 1.48, not {two:.2f}"


@task("short-step-exercise-mean", points=1)
def test_one_iterate_is_chebyshev_itself(averaged_height):
    bound = unrolling.chebyshev_bound(0.02, 1.0, 300, D=1.0, G=0.0).max()
    found = averaged_height((3,), 0.02)
    assert abs(found / bound - 1) < 1e-6, (
        f"with one iterate it is Chebyshev's {bound:.4g}, not {found:.4g}; divide by the sum"
    )


@task("short-step-exercise-mean", points=1)
def test_the_oldest_comes_first(averaged_height):
    lam = 0.515 - 0.485 * np.cos(np.linspace(0, np.pi, 399))
    P, dP = map(np.asarray, unrolling.residual_polynomials(unrolling.chebyshev(0.03, 1.0), lam, 200))
    R = P - lam * dP
    height = np.abs(R[:-1] + 3 * R[1:]).max() / 4
    found = averaged_height((1, 3), 0.03)
    # Two grids that both have the ends, where it is largest, or nearly.
    assert abs(found / height - 1) < 1e-2, f"weights 1:3 have the height {height:.3f}, not {found:.3f}"


@task("short-step-exercise-silver", points=1)
def test_shown_seven_silver_steps(silver_steps):
    h = silver_steps(7)
    right = [2**0.5, 2, 2**0.5, 2 + 2**0.5, 2**0.5, 2, 2**0.5]
    assert np.shape(h) == (7,), f"seven steps, not an array of shape {np.shape(h)}"
    assert np.abs(h - np.array(right)).max() < 1e-12, "the first is √2, with ν(1) = 0, the second 2, the fourth 2 + √2"


@task("short-step-exercise-silver", points=1)
def test_sums_of_silver_steps(silver_steps):
    h = np.asarray(silver_steps(127))
    for k in range(1, 8):
        gap = abs(h[: 2**k - 1].sum() / ((1 + 2**0.5) ** k - 1) - 1)
        assert gap < 1e-10, f"the first {2**k - 1} steps add up to (1 + √2)^{k} - 1"


@task("short-step-exercise-method", points=1)
def test_shown_two_steps_by_hand(averaged):
    xs = unrolling.iterates(averaged(0.5), lambda x, theta: theta * x**2 / 2, 1.0, 1.0, 2)
    assert np.abs(xs - np.array([1.0, 0.75, 0.375])).max() < 1e-12, (
        f"the run is 1, 0.5, 0.25, its means 1, 0.75, 0.375; got {xs}"
    )


@task("short-step-exercise-method", points=2)
def test_polynomial_of_the_mean(averaged):
    lam = jnp.array([0.1, 0.7, 1.0])
    P = np.asarray(unrolling.residual_polynomials(averaged(1.9), lam, 12).values)
    u = 1.9 * np.asarray(lam)
    assert np.abs(P[0] - 1).max() < 1e-12, "at t = 0 the iterate is x0"
    right = (1 - u) ** np.arange(12)[:, None] * (1 - u / 2)
    assert np.abs(P[1:] - right).max() < 1e-12, f"P₃ at λ = 0.7 is {right[2, 1]:.4f}, not {P[3, 1]:.4f}"
