"""What the answers to the graded exercises of remedies/sobolev must do."""

import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("sobolev-exercise-scale", points=1)
def test_shown_fifty_times_f(scaled_eta):
    eta = scaled_eta(1.0, 50.0)
    assert abs(eta - 2500) < 1e-9, f"for c = 50 and η = 1 it is 2500, not {eta}: η is measured in λ²"


@task("sobolev-exercise-scale", points=1)
def test_the_polynomials_stay_the_same(scaled_eta):
    lam, c = np.linspace(0.1, 1.0, 7), 0.3
    method = unrolling.sobolev(0.1, 1.0, eta=0.4)
    other = unrolling.sobolev(0.1 * c, c, eta=scaled_eta(0.4, c))
    P, Q = (
        np.asarray(unrolling.residual_polynomials(it, at, 8).values) for it, at in ((method, lam), (other, c * lam))
    )
    assert np.abs(P - Q).max() < 1e-9, "for c = 0.3 and η = 0.4 the polynomials differ"


@task("sobolev-exercise-both", points=1)
def test_shown_the_floor_is_one(best_of_both):
    best = best_of_both(0.01, 10)
    assert best < 1 + 1e-6, f"P = 1 attains 1, so that the smallest value is not {best:.3f}"
    assert abs(best - 1) < 1e-3, f"for κ = 0.01 and t = 10 it is 1, not {best:.3f}: the two maxima are added"


@task("sobolev-exercise-both", points=1)
def test_floor_of_degree_one_by_hand(best_of_both):
    # P = 1 - pλ has P - λP' = 1 and |P'| = |p|: the smallest is p = 0.
    best = best_of_both(0.5, 1)
    assert abs(best - 1) < 1e-6, f"for t = 1 it is 1, by P = 1, and not {best:.4f}"


@task("sobolev-exercise-both", points=1)
def test_no_method_is_below_the_floor(best_of_both):
    kappa, t = 0.2, 12
    lam = np.linspace(kappa, 1.0, 2001)
    best, found = best_of_both(kappa, t), []
    for method in (unrolling.sobolev(kappa, 1.0), unrolling.chebyshev(kappa, 1.0)):
        P, dP = (np.asarray(it)[t] for it in unrolling.residual_polynomials(method, lam, t))
        found.append(np.abs(P - lam * dP).max() + np.abs(dP).max())
    assert best <= min(found) * (1 + 1e-6), f"a method has {min(found):.4g}, so that the smallest is not {best:.4g}"
    assert best >= 0.2 * min(found), f"that is far too small, with Sobolev at {found[0]:.4g}: do both maxima count?"
