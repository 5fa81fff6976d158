"""What the answers to the exercises of theory/curse must do."""

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("curse-exercise-budget", points=1)
def test_shown_five_steps(best_step):
    h = best_step(5, 0.01)
    assert abs(h - 1.605) < 0.002, f"after 5 steps 1.605/L is best, not {h:.3f}/L"


@task("curse-exercise-budget", points=2)
@pytest.mark.parametrize("budget, kappa", [(2, 0.05), (50, 0.03), (300, 0.01)])
def test_no_other_step_is_better(best_step, budget, kappa):
    h = best_step(budget, kappa)
    assert 0 < h < 2, f"h = {h} lies outside of (0, 2/L)"
    assert abs(h - 2 / (1 + kappa)) > 1e-3, "2/(L+ℓ) is best for the iterates; the question is about the Jacobian"
    # To within 0.001: no other multiple of it, 0.002 and more away, has a smaller bound.
    bound = [
        unrolling.gradient_descent_bound(it, kappa, 1.0, 300, D=1.0, G=0.0)[budget] for it in (h - 0.002, h, h + 0.002)
    ]
    assert bound[1] <= min(bound), f"after {budget} steps the bound is {bound[1]:.4g}, and {min(bound):.4g} next to it"


def error_of_a_run(h, theta, x0):
    scalar = unrolling.Quadratic(lambda theta: theta * jnp.eye(1), lambda theta: jnp.zeros(1))
    return unrolling.jacobian_errors(unrolling.gradient_descent(h), scalar, np.array([x0]), theta, 300).jacobian


@task("curse-exercise-scalar", points=1)
def test_shown_peak_of_the_example(peak):
    t, height = peak(0.1, 0.05, 0.5)
    assert t != 20, "20 is 1/θ; in one dimension κ is 1, and what counts is hθ"
    assert t in (199, 200), f"the run peaks at 199 and 200; got {t}"
    assert abs(height - 3.688018) < 1e-5, f"the run is 3.688 high; got {height:.3f}"


@task("curse-exercise-scalar", points=1)
@pytest.mark.parametrize("h, theta, x0", [(0.5, 0.05, 0.5), (0.3, 0.07, -2.0), (2.0, 0.5, 1.0)])
def test_peak_is_that_of_a_run(peak, h, theta, x0):
    t, height = peak(h, theta, x0)
    error = error_of_a_run(h, theta, x0)
    assert height > 0, "a height is not negative: take |x0|"
    assert abs(height - error.max()) < 1e-9 * error.max(), f"the run is {error.max():.6g} high, not {height:.6g}"
    assert error[int(t)] > (1 - 1e-9) * error.max(), f"the run has its peak at {error.argmax()}, and not at t = {t}"


@task("curse-exercise-scalar", points=1)
@pytest.mark.parametrize("h, theta, x0", [(1.7, 0.9, 1.0), (1.95, 1.0, 3.0)])
def test_peak_of_a_step_that_overshoots(peak, h, theta, x0):
    t, height = peak(h, theta, x0)
    error = error_of_a_run(h, theta, x0)
    right = abs(height - error.max()) < 1e-9 * error.max() and error[int(t)] > (1 - 1e-9) * error.max()
    assert right, (
        f"for hθ = {h * theta:.2f} > 1 the run peaks at {error.argmax()}, not {t}: the formula 1/(hθ) - 1 is for hθ ≤ 1"
    )


@task("curse-exercise-share", points=1)
def test_shown_share_for_a_tenth(smallest_share):
    s = smallest_share(0.1)
    assert abs(s - 0.0148) < 1e-4, f"for κ = 0.1 it is 0.0148, not {s:.3g}"


@task("curse-exercise-share", points=2)
@pytest.mark.parametrize("kappa", [0.03, 0.003])
def test_share_is_the_threshold(smallest_share, kappa):
    s, lam = smallest_share(kappa), np.array([kappa, 1.0])
    P, dP = map(np.asarray, unrolling.residual_polynomials(unrolling.gradient_descent(2 / (1 + kappa)), lam, 300))
    squares = (P - lam * dP) ** 2
    rises = [(squares @ [1 - share, share]).max() > 1 + 1e-12 for share in (0.999 * s, 1.001 * s)]
    assert rises != [True, True], f"a share of {0.999 * s:.3g} makes the error rise already"
    assert rises != [False, False], (
        f"a share of {1.001 * s:.3g} does not make the error rise; (eκ)² asks for more than that"
    )


@task("curse-exercise-lag", points=1)
def test_shown_lag_of_the_first_digit(lag):
    found = lag(0.1)
    assert abs(found - 1.689) < 1e-3, f"the first digit has a lag of 1.689, not {found:.3f}"


@task("curse-exercise-lag", points=2)
@pytest.mark.parametrize("accuracy", [0.5, 3e-4, 1e-20])
def test_lag_is_that_of_a_slow_mode(lag, accuracy):
    s = lag(accuracy) * np.log(1 / accuracy)
    assert s > 0, "the lag is negative: of Lambert's function take the branch -1, and w = -(1 + s)"
    # (1 + s) exp(-s) / ε - 1 is about s times the relative error of s.
    assert abs((1 + s) * np.exp(-s) / accuracy - 1) < 1e-9 * (1 + s), f"(1 + s) exp(-s) is not ε at s = {s:.4g}"
