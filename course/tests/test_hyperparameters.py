"""What the answer to an exercise of applications/hyperparameters must do."""

import numpy as np
import pytest

task = pytest.mark.task


@task("hyperparameters-exercise-retuned", points=1)
def test_shown_two_steps(retuning_term):
    assert retuning_term(0, 0.5, 1.0, 2.0, 3.0) == 0, "at t = 0 nothing has been stepped yet"
    term = retuning_term(2, 0.25, 1.0, 2.0, 3.0)
    assert abs(term) != 3.0, "the derivative of 1 - hλ in h is -λ, not -1"
    assert term != 6.0, "a longer step makes 1 - hλ smaller: the sign is the other one"
    assert abs(term + 6.0) < 1e-9, f"two steps with h = 1/4 and λ = 2 from 3: -6, not {term}"


@task("hyperparameters-exercise-retuned", points=2)
@pytest.mark.parametrize("lam, theta, t", [(1.3, 0.2, 7), (0.4, -0.5, 30), (2.0, 0.0, 3)])
def test_difference_of_both_derivatives(retuning_term, lam, theta, t):
    def iterate(theta):
        x, h = 0.5, 0.8 + 0.3 * np.sin(theta)
        for _ in range(t):
            x = x - h * (lam * x - 1)
        return x

    chord = (iterate(theta + 1e-5) - iterate(theta - 1e-5)) / 2e-5
    term = retuning_term(t, 0.8 + 0.3 * np.sin(theta), 0.3 * np.cos(theta), lam, 0.5 - 1 / lam)
    assert abs(term - chord) < 1e-6 * max(1, abs(chord)), f"after {t} steps with λ = {lam}: {chord:.5f}, not {term:.5f}"
