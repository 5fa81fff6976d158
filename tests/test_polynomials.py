"""Residual polynomials against their closed forms: powers, and Chebyshev's polynomials as NumPy and SciPy have them."""

import numpy as np
import pytest
import reference
from conftest import METHODS
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import Chebyshev
from reference import assert_close
from scipy.special import eval_chebyu

import unrolling

T = 30
KAPPA = 0.01
fractions = st.lists(st.floats(0, 1), min_size=5, max_size=5).map(np.array)


@given(h=st.floats(0.01, 2), fractions=fractions)
def test_gradient_descent_has_powers(h, fractions):
    """P_t = (1 - h lam)^t and P_t' = -h t (1 - h lam)^{t-1} for lam in [0, 1], for h = 1 and lam = 1 too."""
    P, dP = unrolling.residual_polynomials(unrolling.gradient_descent(h), fractions, T)
    t = np.arange(T + 1)[:, None]
    assert_close(P, (1 - h * fractions) ** t, T, 1)
    assert_close(dP, -h * t * (1 - h * fractions) ** np.maximum(t - 1, 0), T, 1)


@given(kappa=st.floats(0.001, 0.99), L=st.floats(0.1, 100), fractions=fractions)
def test_chebyshev_has_chebyshevs_polynomials(kappa, L, fractions):
    """T_t(s) / T_t(s_0), also outside [ell, L]. An error in T_s comes back in T_t up to t - s times: T^2 in all."""
    ell, lam = kappa * L, L * fractions
    P, dP = unrolling.residual_polynomials(unrolling.chebyshev(ell, L), lam, T)
    s, s_0 = (L + ell - 2 * lam) / (L - ell), (L + ell) / (L - ell)
    basis = [Chebyshev.basis(t) for t in range(T + 1)]
    assert_close(P, np.array([p(s) / p(s_0) for p in basis]), T**2, 1)
    assert_close(dP, np.array([p.deriv()(s) / p(s_0) for p in basis]) * -2 / (L - ell), T**2, 1)


def two_term(r, sigma):
    """The solution r^{t/2} (U_t(sigma) - sqrt(r) U_{t-1}(sigma)) of the recurrences of momentum and Nesterov."""
    t = np.arange(T + 1)[:, None]
    return r ** (t / 2) * (eval_chebyu(t, sigma) - np.sqrt(r) * eval_chebyu(t - 1, sigma))


LAM = np.linspace(KAPPA, 1, 50, endpoint=False)


def test_momentum_has_chebyshevs_polynomials_of_the_second_kind():
    h, m = 1.2, 0.4
    expected = two_term(m, (1 + m - h * LAM) / (2 * np.sqrt(m)))
    assert_close(unrolling.residual_polynomials(unrolling.momentum(h, m), LAM, T).values, expected, T**2, 1)


def test_nesterov_has_chebyshevs_polynomials_of_the_second_kind():
    m = (1 - np.sqrt(KAPPA)) / (1 + np.sqrt(KAPPA))
    expected = two_term(m * (1 - LAM), (1 + m) * np.sqrt(1 - LAM) / (2 * np.sqrt(m)))
    assert_close(unrolling.residual_polynomials(unrolling.nesterov(KAPPA, 1.0), LAM, T).values, expected, T**2, 1)


def test_the_derivative_is_the_derivative(method):
    """Third derivatives of P_t, t <= 30, are below 30^3 here: 30^3 * 4e-11 = 1e-6. Slopes are up to 30."""
    P, dP = unrolling.residual_polynomials(method, LAM, T)
    polynomials = lambda lam: unrolling.residual_polynomials(method, lam, T).values  # noqa: E731
    step = reference.EPS ** (1 / 3)
    np.testing.assert_allclose(dP, (polynomials(LAM + step) - polynomials(LAM - step)) / (2 * step), rtol=0, atol=1e-6)
    assert_close(P, polynomials(LAM), T, 1)


@given(fractions=fractions)
def test_they_are_one_at_zero_and_one_after_no_step(fractions):
    for method in METHODS.values():
        P, dP = unrolling.residual_polynomials(method, 0 * fractions, T)
        assert (P == 1).all() and np.isfinite(dP).all()
        P, dP = unrolling.residual_polynomials(method, fractions, T)
        assert (P[0] == 1).all() and (dP[0] == 0).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_shapes(shape):
    lam = np.full(shape, 0.5)
    P, dP = unrolling.residual_polynomials(unrolling.nesterov(0.1, 1.0), lam, 4)
    assert P.shape == dP.shape == (5, *shape)
    assert unrolling.residual_polynomials(unrolling.chebyshev(0.1, 1.0), lam, 0).values.shape == (1, *shape)


POLYAK = unrolling.momentum((2 / (1 + KAPPA**0.5)) ** 2, ((1 - KAPPA**0.5) / (1 + KAPPA**0.5)) ** 2)
XI = (1 - KAPPA**0.5) / (1 + KAPPA**0.5)


@pytest.mark.parametrize(
    "method, rate, exponent",
    [
        (unrolling.gradient_descent(2 / (1 + KAPPA)), (1 - KAPPA) / (1 + KAPPA), "1.00"),
        (unrolling.chebyshev(KAPPA, 1.0), XI, "2.00"),
        (POLYAK, XI, "2.99"),
        (unrolling.nesterov(KAPPA, 1.0), 1 - KAPPA**0.5, "2.70"),
    ],
    ids=["gradient descent", "chebyshev", "polyak's momentum", "nesterov"],
)
def test_growth_exponents(method, rate, exponent):
    """max |P_t - lam P_t'| grows like a power of t times rate^t; the power is read off between t = 80 and 160."""
    lam = np.linspace(KAPPA, 1, 20_001)
    P, dP = unrolling.residual_polynomials(method, lam, 160)
    size = np.abs(P - lam * dP).max(1) / rate ** np.arange(161)
    assert f"{np.log2(size[160] / size[80]):.2f}" == exponent


@pytest.mark.parametrize(
    "method, t, peak", [(POLYAK, 14, "225.32"), (unrolling.nesterov(KAPPA, 1.0), 0, "1.00")], ids=["polyak", "nesterov"]
)
def test_peaks_of_methods_without_a_bound(method, t, peak):
    """Polyak's momentum starts from rest with its full step, which costs it a high peak; Nesterov's has none."""
    lam = np.linspace(KAPPA, 1, 20_001)
    P, dP = unrolling.residual_polynomials(method, lam, 160)
    size = np.abs(P - lam * dP).max(1)
    assert size.argmax() == t and f"{size.max():.2f}" == peak
