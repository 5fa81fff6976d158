"""What the answer to an exercise of remedies/late-start must do."""

import numpy as np
import pytest

task = pytest.mark.task


@task("late-start-exercise-wait", points=1)
def test_shown_a_tenth(wait_and_burn_in):
    wait, end = wait_and_burn_in(0.1)
    assert abs(wait - 12.0) < 0.1, f"for κ = 0.1 the best start at L is 12.0, not {wait:.1f}"
    assert end == 19, f"from t = 19 on the bound is no longer above its start, not from {end} on"


@task("late-start-exercise-wait", points=2)
@pytest.mark.parametrize("kappa", [0.03, 0.004])
def test_no_other_start_is_better(wait_and_burn_in, kappa):
    wait, end = wait_and_burn_in(kappa)
    u, T = 2 / (1 + kappa), np.arange(1, 20_000)
    q, last = abs(1 - u), wait + 50 / kappa
    error = [q ** (last - K) + (last - K) * u * q ** (last - 1) for K in (wait - 1, wait, wait + 1)]
    assert wait > 1 / kappa, f"{wait:.1f} is the wait of the mode at ℓ, which need not wait; the question is about L"
    assert error[1] == min(error), f"at L another start than {wait:.1f} is better"
    bound = q ** (T - 1) * (1 + (T - 1) * u)  # both at L and at ℓ the modulus is q, and u is larger at L
    assert end != T[bound.argmax()], f"{end} is where the bound peaks; its burn-in lasts until it is back at its start"
    back = T[bound > 1][-1] + 1
    assert end == back, f"the bound is back at its start at t = {back}, not {end}"
