"""What the answers to the exercises of theory/polynomial-formalism must do."""

import jax.numpy as jnp
import numpy as np
import pytest

import unrolling

task = pytest.mark.task


@task("polynomial-formalism-exercise-box", points=1)
def test_shown_two_steps(polynomial_of):
    two = lambda gradient, x0: x0 - 0.5 * gradient(x0) - 0.5 * gradient(x0 - 0.5 * gradient(x0))
    value, slope = polynomial_of(two, jnp.array([0.0, 1.0, 3.0]))
    assert np.allclose(value, [1, 0.25, 0.25]), f"P₂(λ) = (1 - λ/2)² is 1, 1/4, 1/4 at 0, 1, 3, not {value}"
    assert np.allclose(slope, [-1, -0.5, 0.5]), f"P₂'(λ) = -(1 - λ/2) is -1, -1/2, 1/2 at 0, 1, 3, not {slope}"


@task("polynomial-formalism-exercise-box", points=2)
def test_a_method_with_memory(polynomial_of):
    calls, lam = [], jnp.array([0.0, 0.1, 0.4, 0.8])

    def run(gradient, x0):
        calls.append(1)
        old, x = x0, x0 - 1.2 * gradient(x0)
        for _ in range(5):
            old, x = x, x - 1.2 * gradient(x) + 0.4 * (x - old)
        return x

    values, slopes = polynomial_of(run, lam)
    assert len(calls) < 3, f"one run does for all λ and the derivative; it was called {len(calls)} times"
    before, now, dbefore, dnow = 1.0, 1 - 1.2 * lam, 0.0, -1.2
    for _ in range(5):
        dbefore, dnow = dnow, (1.4 - 1.2 * lam) * dnow - 1.2 * now - 0.4 * dbefore
        before, now = now, (1.4 - 1.2 * lam) * now - 0.4 * before
    assert np.shape(values) == (4,) and np.shape(slopes) == (4,), "values and derivatives have the shape of `lam`"
    assert np.abs(values - now).max() < 1e-12, "for momentum the values are not those of the recurrence"
    off = np.abs(slopes - dnow).max()
    assert off < 1e-9, f"the derivatives are off by {off:.1e}: forward mode gives all digits, a difference does not"


@task("polynomial-formalism-heavy-ball", points=1)
def test_shown_first_steps(heavy_ball_polynomial):
    lam = np.array([0.0, 0.5, 1.0])
    for t, exact in enumerate([[1, 1, 1], [1, 0.5, 0], [1, 0.125, -0.25]]):
        P = heavy_ball_polynomial(lam, 1.0, 0.25, t)
        assert np.allclose(P, exact), f"for h = 1, m = 1/4 the values of P_{t} at 0, 1/2, 1 are {exact}, not {P}"


@task("polynomial-formalism-heavy-ball", points=2)
def test_formula_is_the_method(heavy_ball_polynomial):
    lam, h, m = np.linspace(0, 3, 7), 1.7, 0.6  # also where σ is outside [-1, 1]
    before, now = np.ones(7), 1 - h * lam
    for t in range(1, 9):
        P = np.asarray(heavy_ball_polynomial(lam, h, m, t))
        assert abs(P[0] - 1) < 1e-9, f"P_{t}(0) = 1 for every method, and here it is {P[0]:.4f}"
        assert np.abs(P - now).max() < 1e-9 * np.abs(now).max(), f"P_{t} is not that of momentum"
        before, now = now, (1 + m - h * lam) * now - m * before


@task("polynomial-formalism-steps", points=1)
def test_shown_two_step_sizes(chebyshev_steps):
    h = np.asarray(chebyshev_steps(1.0, 3.0, 2))
    right = [1 / (2 - 0.5**0.5), 1 / (2 + 0.5**0.5)]
    assert np.allclose(h, right), f"T₂ is zero at ±√½, so λ = 2 ± √½, and the steps are {right}, not {h}"


@task("polynomial-formalism-steps", points=2)
@pytest.mark.parametrize("n", [3, 8])
def test_product_is_chebyshevs_polynomial(chebyshev_steps, n):
    h, lam = np.asarray(chebyshev_steps(0.1, 2.0, n)), np.linspace(0.1, 2.0, 50)
    assert h.shape == (n,), f"n steps have n sizes, not the shape {h.shape}"
    product = np.prod(1 - lam[:, None] * h, 1)
    largest = np.abs(product).max()
    s0 = 2.1 / 1.9
    best = 1 / np.cosh(n * np.arccosh(s0))
    assert largest < 1.001 * best, f"the largest value on [ℓ, L] is {largest:.3g}, and Chebyshev's is {best:.3g}"
    assert np.all(np.diff(h) < 0), "the longest step comes first"
    P = np.asarray(unrolling.residual_polynomials(unrolling.chebyshev(0.1, 2.0), lam, 8).values[n])
    assert np.abs(product - P).max() < 1e-9, "it is not the polynomial of Chebyshev's method"
