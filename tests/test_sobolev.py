"""The Sobolev method against a direct minimization, and what it is for: a Jacobian error that does not rise."""

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.polynomial import chebyshev as series
from reference import EPS
from scipy.special import roots_gegenbauer

import unrolling

ELL, L, ETA = 0.2, 2.0, 0.7


def minimizer(alpha, degree, lam):
    """The best polynomial of this degree at lam, from the normal equations in Chebyshev's basis.

    The quadrature is exact: 20 nodes for polynomials of degree at most 12.
    """
    nodes, weights = roots_gegenbauer(20, alpha) if alpha else (series.chebgauss(20))
    basis = np.eye(degree + 1)
    at = lambda s: np.stack([series.chebval(s, row) for row in basis], -1)  # noqa: E731
    slopes = np.stack([series.chebval(nodes, series.chebder(row)) for row in basis], -1) * 2 / (L - ELL)
    values = at(nodes)
    matrix = values.T @ (weights[:, None] * values) + ETA * slopes.T @ (weights[:, None] * slopes)
    at_zero = at((L + ELL) / (L - ELL))
    coefficients = np.linalg.solve(matrix, at_zero)
    return at((L + ELL - 2 * lam) / (L - ELL)) @ coefficients / (at_zero @ coefficients)


@pytest.mark.parametrize("alpha", [-0.25, 0, 0.5, 1])
def test_every_residual_polynomial_minimizes_the_sobolev_norm(alpha):
    """The normal equations lose their condition number, here below 1e5, in digits."""
    lam = np.linspace(ELL, L, 30)
    P = unrolling.residual_polynomials(unrolling.sobolev(ELL, L, alpha, ETA), lam, 6).values
    for t in range(7):
        np.testing.assert_allclose(P[t], minimizer(alpha, t, lam), rtol=0, atol=1e5 * EPS)


@pytest.mark.parametrize("kappa, peak", [(0.1, 1.0), (0.01, 1.037), (0.001, 1.039)])
def test_the_jacobian_error_hardly_rises(kappa, peak):
    """max |P - lam P'|, where Chebyshev's reaches .53 / kappa. The grid misses the maximum by at most a thousandth."""
    lam = jnp.linspace(kappa, 1, 2001)
    P, dP = unrolling.residual_polynomials(unrolling.sobolev(kappa, 1.0), lam, 300)
    assert float(jnp.abs(P - lam * dP).max()) == pytest.approx(peak, abs=2e-3)


def test_it_stays_finite_and_converges():
    P = unrolling.residual_polynomials(unrolling.sobolev(0.01, 1.0), jnp.array([0.0, 0.01, 0.5, 1.0]), 2000).values
    assert np.isfinite(P).all() and np.abs(P[-1, 1:]).max() < 1e-100
    np.testing.assert_allclose(P[:, 0], 1, rtol=0, atol=2000 * 8 * EPS)


def test_a_polynomial_that_vanishes_at_zero_divides_nothing():
    """For alpha = 0 there is an eta with S_3(s_0) = 0 exactly in floats; close to it, the method is nearly the same."""
    ell, L = 0.2, 2.0
    s_0 = (L + ell) / (L - ell)
    p_1, p_3 = s_0, s_0**3 - 3 * s_0 / 4
    # S_3 = p_3 - (c_3 + d_3) p_1, where c_3 = 3/4 and d_3 = -c_3 / (1 + 2 eta'), eta' = eta (2 / (L - ell))^2
    share = p_3 / p_1 / (3 / 4)
    assert 0 < share < 1
    scaled = (1 / (1 - share) - 1) / 2
    eta = scaled / (2 / (L - ell)) ** 2
    lam = np.linspace(ell, L, 30)
    values = [
        unrolling.residual_polynomials(unrolling.sobolev(ell, L, 0, each), lam, 6).values
        for each in eta * (1 + 1e-15 * np.arange(9))
    ]
    for P in values:
        np.testing.assert_allclose(P, values[0], rtol=0, atol=1e-11)
        np.testing.assert_allclose(P[3], P[2], rtol=0, atol=1e-11)  # the term of S_3 is not there


@pytest.mark.parametrize(
    "name, came, arguments",
    [("ell", "1.0", (1.0, 1.0)), ("alpha", "-0.5", (0.1, 1.0, -0.5)), ("eta", "-1.0", (0.1, 1.0, 0.0, -1.0))],
)
def test_bad_parameters_are_refused(name, came, arguments):
    with pytest.raises(ValueError, match=f"^{name} must .*{came}"):
        unrolling.sobolev(*arguments)
