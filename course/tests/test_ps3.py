"""What the functions of problem set 3 must do, on instances drawn by the course's seed."""

import os

import numpy as np
import pytest

task = pytest.mark.task
SEED = int(os.environ.get("COURSE_SEED", 0))


def drawn(number):
    return np.random.default_rng([SEED, number])


def worst(steps, ell):
    """The largest |P − λP′| over [ell, 1], by the recurrence of the polynomial and its derivative."""
    lam = (1 + ell) / 2 - (1 - ell) / 2 * np.cos(np.linspace(0, np.pi, 2001))
    P, dP = np.ones_like(lam), np.zeros_like(lam)
    for h in steps:
        P, dP = (1 - h * lam) * P, (1 - h * lam) * dP - h * P
    return np.abs(P - lam * dP).max()


def best_constant(ell, num_steps):
    return min(worst(np.full(num_steps, h), ell) for h in np.linspace(1, 2, 101))


def chebyshev(ell, s, num_steps):
    return 2 / (s + ell - (s - ell) * np.cos(np.pi * (2 * np.arange(num_steps) + 1) / (2 * num_steps)))


@task("ps3-schedule", points=5)
def test_shown_as_many_steps_as_asked(schedule):
    assert np.shape(schedule(0.1, 12)) == (12,), f"12 steps are asked for, and came as {np.shape(schedule(0.1, 12))}"
    assert np.all(np.asarray(schedule(0.1, 12)) > 0), "steps are positive"


@task("ps3-schedule", points=15)
@pytest.mark.parametrize("number", range(3))
def test_half_of_the_best_constant_step(schedule, number):
    ell = drawn(number).uniform(0.01, 0.1)
    T = int(3.5 / ell**0.5) + 1 + 3 * number
    found, constant = worst(schedule(ell, T), ell), best_constant(ell, T)
    plain = worst(chebyshev(ell, 1, T), ell)
    enough = found <= constant / 2
    assert enough or abs(found / plain - 1) > 1e-6, (
        f"for {T} steps Chebyshev's are not enough: they rise to {plain:.2f}"
    )
    assert enough, f"ℓ = {ell:.3f}, T = {T}: {found:.3g}, and {constant:.3g} for the best constant step"


@task("ps3-data", points=5)
def test_shown_the_spectrum(cursed_ridge):
    A, y = (np.asarray(it, float) for it in cursed_ridge(0.05))
    assert A.ndim == 2 and A.shape[1] >= 3 and y.shape == A.shape[:1], "A is n × d with d ≥ 3, and y has length n"
    low, *_, high = np.linalg.eigvalsh(A.T @ A + 0.05 * np.eye(A.shape[1]))
    assert abs(low - 0.05) < 1e-9 and abs(high - 1) < 1e-9, f"the eigenvalues run from {low:.4f} to {high:.4f}"


@task("ps3-data", points=15)
def test_the_error_rises(cursed_ridge):
    ell = drawn(4).uniform(0.01, 0.1)
    A, y = (np.asarray(it, float) for it in cursed_ridge(ell))
    H = A.T @ A + ell * np.eye(A.shape[1])
    solution = np.linalg.solve(H, A.T @ y)
    J_star = -np.linalg.solve(H, solution)
    x, J, errors = np.zeros(len(H)), np.zeros(len(H)), []
    for _ in range(1000):
        errors.append(np.linalg.norm(J - J_star))
        x, J = x - 2 / (1 + ell) * (H @ x - A.T @ y), J - 2 / (1 + ell) * (H @ J + x)
    rise = max(errors) / errors[0]
    assert rise > 1 + 1e-9, "the error never rises: the solution has too much of the slow modes"
    assert rise >= 0.1 / ell, f"the error rises to {rise:.2f} times its start, {0.1 / ell:.2f} is asked for"


@task("ps3-pretend", points=5)
def test_shown_it_is_an_end(pretend):
    s = float(pretend(0.1, 10))
    assert 1 <= s <= 3, f"s lies in [1, 3], got {s}"
    assert s > 1.01, "the true interval is best for the iterates; the question is about the Jacobian"


@task("ps3-pretend", points=15)
def test_no_other_interval_is_better(pretend):
    ell = drawn(5).uniform(0.02, 0.1)
    T = int(2.5 / ell**0.5)
    found = worst(chebyshev(ell, float(pretend(ell, T)), T), ell)
    best = min(worst(chebyshev(ell, s, T), ell) for s in np.linspace(1, 3, 401))
    assert found <= 1.01 * best, f"ℓ = {ell:.3f}, T = {T}: your s gives {found:.4g}, another one {best:.4g}"
