"""What the answers to the graded exercises of theory/chebyshev must do."""

import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("chebyshev-exercise-interval", points=1)
def test_shown_a_tenth_of_room(with_room):
    height, end = with_room(1.1, 0.01)
    assert abs(height - 10.37) < 0.05, f"with c = 1.1 the height is 10.37, not {height:.2f}"
    assert end == 68, f"with c = 1.1 it stays below 1e-3 from t = 68, not {end}: the last time above it counts"


@task("chebyshev-exercise-interval", points=1)
@pytest.mark.parametrize("kappa", [0.02, 0.2])
def test_without_room_it_is_the_bound(with_room, kappa):
    bound = np.asarray(unrolling.chebyshev_bound(kappa, 1.0, 300, D=1.0, G=0.0))
    height, end = with_room(1.0, kappa)
    # The maximum stands at L, which is a point of any grid with the ends of [κ, 1].
    assert abs(height / bound.max() - 1) < 1e-6, (
        f"for c = 1 the height is {bound.max():.4g}, that of the bound, not {height:.4g}"
    )
    assert end == np.flatnonzero(bound > 1e-3)[-1] + 1, (
        f"for c = 1 and κ = {kappa} it stays below 1e-3 earlier or later than at {end}"
    )


@task("chebyshev-exercise-interval", points=1)
def test_room_is_above_the_eigenvalues(with_room):
    lam = np.linspace(0.05, 1.0, 501)
    P, dP = map(np.asarray, unrolling.residual_polynomials(unrolling.chebyshev(0.05, 1.5), lam, 100))
    height = np.abs(P - lam * dP).max()
    found = with_room(1.5, 0.05)[0]
    assert abs(found / height - 1) < 1e-2, (
        f"the eigenvalues end at L = 1, only the interval at c: {height:.3g}, not {found:.3g}"
    )


@task("chebyshev-exercise-cross", points=1)
def test_shown_the_term_with_G_for_a_hundredth(peak_with_G):
    t, height = peak_with_G(0.01)
    assert t == 10, f"it is largest at t = 10, not {t}"
    assert abs(height - 53.35) < 0.01, f"and 53.35 there, not {height:.2f}: G is 1, and L is 1"


@task("chebyshev-exercise-cross", points=1)
@pytest.mark.parametrize("kappa", [0.05, 5e-4])
def test_peak_of_the_largest_slope(peak_with_G, kappa):
    ends = np.array([kappa, 1.0])
    slopes = np.abs(unrolling.residual_polynomials(unrolling.chebyshev(kappa, 1.0), ends, 200).derivatives).max(1)
    t, height = peak_with_G(kappa)
    assert t == slopes.argmax(), f"|P'| is largest at t = {slopes.argmax()} for κ = {kappa:g}, not at {t}"
    assert abs(height / slopes.max() - 1) < 1e-6, f"|P'| is {slopes.max():.5g} there, not {height:.5g}"


@task("chebyshev-exercise-square", points=1)
def test_shown_ratio_for_a_tenth(ratio_of_burn_ins):
    ratio = ratio_of_burn_ins(0.1)
    assert abs(ratio - 45 / 19) < 1e-9, f"for κ = 0.1 the burn-ins are 45 and 19, and their ratio is not {ratio:.3f}"


@task("chebyshev-exercise-square", points=1)
def test_ratio_is_not_yet_in_the_limit(ratio_of_burn_ins):
    ratios = [ratio_of_burn_ins(kappa) for kappa in (0.05, 0.01)]
    assert abs(ratios[1] - 729 / 325) < 1e-9, (
        f"for κ = 0.01 the burn-ins are 729 and 325, and their ratio is not {ratios[1]:.3f}"
    )
    assert ratios[0] > ratios[1] > 2, f"the ratio falls towards 2, slowly; got {ratios[0]:.3f} and {ratios[1]:.3f}"
