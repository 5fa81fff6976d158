"""Known wrong answers to theory/polynomial-formalism; each docstring is what the tests must say."""

import jax
import jax.numpy as jnp
import numpy as np
from numpy.polynomial.chebyshev import Chebyshev


def polynomial_of__starts_at_the_eigenvalue(run, lam):
    """P₂(λ) = (1 - λ/2)² is 1, 1/4, 1/4"""
    return jax.jvp(lambda lam: run(lambda x: lam * x, lam), (lam,), (jnp.ones_like(lam),))


def polynomial_of__by_a_difference(run, lam):
    """a difference does not"""
    value = lambda lam: run(lambda x: lam * x, jnp.ones_like(lam))
    before, after = value(lam), value(lam + 1e-5)
    return before, (after - before) / 1e-5


def polynomial_of__one_run_for_each(run, lam):
    """one run does for all λ and the derivative"""
    value = lambda lam: run(lambda x: lam * x, jnp.ones_like(lam))
    pairs = [jax.jvp(value, (it,), (jnp.ones_like(it),)) for it in lam]
    return jnp.stack([it[0] for it in pairs]), jnp.stack([it[1] for it in pairs])


def heavy_ball_polynomial__forgets_the_root(lam, h, m, t):
    """for h = 1, m = 1/4 the values of P_1"""
    sigma = (1 + m - h * lam) / 2 / np.sqrt(m)
    U = lambda n: Chebyshev.basis(n + 1).deriv()(sigma) / (n + 1) if n >= 0 else 0
    return m ** (t / 2) * (U(t) - m * U(t - 1))


def heavy_ball_polynomial__first_kind(lam, h, m, t):
    """for every method, and here it is"""
    sigma = (1 + m - h * lam) / 2 / np.sqrt(m)
    T = lambda n: Chebyshev.basis(n)(sigma) if n >= 0 else 0
    return m ** (t / 2) * (T(t) - np.sqrt(m) * T(t - 1))


def chebyshev_steps__extrema(ell, L, n):
    """T₂ is zero at ±√½"""
    crests = np.cos(np.pi * np.arange(1, n + 1) / n)
    return 1 / ((L + ell) / 2 - (L - ell) / 2 * crests)


def chebyshev_steps__zeros_and_not_steps(ell, L, n):
    """and the steps are"""
    centres = np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return (L + ell) / 2 - (L - ell) / 2 * centres


def chebyshev_steps__shortest_first(ell, L, n):
    """the longest step comes first"""
    centres = np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return (1 / ((L + ell) / 2 - (L - ell) / 2 * centres))[::-1]
