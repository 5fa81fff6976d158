"""What the answers to the graded exercises of theory/gradient-descent must do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

task = pytest.mark.task


@task("gradient-descent-exercise-rate", points=1)
def test_shown_price_for_a_hundredth(price):
    found = price(0.01)
    assert found > 1, f"the safe step takes more steps than 2/(L+ℓ), not {found:.3f} times as many"
    assert abs(found - 1.404) < 1e-3, f"for κ = 0.01 it is 1.404, not {found:.3f}"


@task("gradient-descent-exercise-rate", points=1)
@pytest.mark.parametrize("kappa", [0.3, 0.02, 1e-4])
def test_price_is_that_of_counted_steps(price, kappa):
    lam = np.array([kappa, 1.0])
    t = np.arange(200_000)
    steps = [
        np.count_nonzero(np.abs(1 - h * lam).max() ** t > 1e-6) for h in (2**0.5, 2 / (1 + kappa))
    ]  # whole numbers, each up to one too large
    low, high = (steps[0] - 1) / steps[1], steps[0] / (steps[1] - 1)
    assert low <= price(kappa) <= high, (
        f"for κ = {kappa:g} it takes {steps[0]} steps and {steps[1]}; L is 1, and ℓ is κ"
    )


def problem(seed):
    """H(θ) = A + θB with symmetric A and B that do not commute; a start and b."""
    A, B = np.random.default_rng(seed).standard_normal((2, 4, 4))
    b, x0 = np.random.default_rng(seed + 1).standard_normal((2, 4))
    return A @ A.T + np.eye(4), B + B.T, b, x0


@task("gradient-descent-exercise-bug", points=1)
def test_shown_the_first_step_from_zero(jacobian_after):
    J = jacobian_after(1, 0.1, np.eye(2), np.eye(2), np.array([-1.0, 2.0]), np.zeros(2))
    assert np.abs(J).max() < 1e-15, (
        f"x₁ = -hb does not depend on θ, so J₁ is 0, and not {J}: J reads the x before the step"
    )


@task("gradient-descent-exercise-bug", points=2)
@pytest.mark.parametrize("T", [0, 2, 5])
def test_it_is_what_automatic_differentiation_finds(jacobian_after, T):
    H, dH, b, x0 = problem(0)

    def last(theta):
        x = jnp.asarray(x0)
        for _ in range(T):
            x = x - 0.05 * ((H + theta * dH) @ x + b)
        return x

    gap = np.abs(jacobian_after(T, 0.05, H, dH, b, x0) - jax.jacfwd(last)(0.0)).max()
    assert gap < 1e-9, f"after {T} steps it differs by {gap:.2g} from what jax.jacfwd finds"
