"""What the answers to the graded exercises of practice/network must do."""

import itertools

import numpy as np
import pytest

task = pytest.mark.task


@task("network-exercise-damping", points=1)
def test_shown_two_terms(two_factors):
    by_damping, by_series = two_factors(0.5, 0.5, 2)
    assert abs(by_damping - 1 / 3) < 1e-12, f"δ = 1/(hK) = 1, so damping's factor is 0.5/1.5, not {by_damping:.3f}"
    assert abs(by_series - 0.4375) < 1e-12, f"0.5 (1 + 0.75) / 2 = 0.4375 is the series' factor, not {by_series:.3f}"


@task("network-exercise-damping", points=2)
@pytest.mark.parametrize("h, K", [(0.3, 5), (1.2, 40)])
def test_factors_are_those_of_the_solvers(two_factors, h, K):
    lam = np.array([-0.01, 0.02, 0.3, 0.8])
    by_damping, by_series = map(np.asarray, two_factors(lam, h, K))
    v = term = np.ones(4) * h
    for _ in range(K - 1):
        term = term - h * lam * term
        v = v + term
    assert np.allclose(by_series, lam * v), f"{K} terms make {lam * v}, not {by_series}"
    assert np.allclose(by_damping, lam / (lam + 1 / (h * K))), "the factor is that of the exact answer, 1/λ"


rng = np.random.default_rng(0)
rows, wanted = rng.standard_normal((4, 7)) / 2, rng.standard_normal(4)


@task("network-exercise-remember", points=1)
def test_shown_two_data(misfit_after):
    A, y = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]]), np.array([1.0, 2.0])
    found = misfit_after(A, y, np.zeros(3))
    assert abs(found - 1) < 1e-9, (
        f"the second datum alone leads to (0, 2, 0), and the misfit of the first is 1, not {found}"
    )


@task("network-exercise-remember", points=2)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_misfit_is_that_of_a_run(misfit_after, seed):
    if seed is None:
        x = np.linalg.pinv(rows) @ wanted + 3 * (np.eye(7) - np.linalg.pinv(rows) @ rows)[0]
    else:
        x = np.random.default_rng(seed).standard_normal(7)
    end, w = x, np.array([0.0, 1, 1, 1])
    for _ in range(4000):
        end = end - 0.2 * rows.T @ (w * (rows @ end - wanted))
    right, found = rows[0] @ end - wanted[0], misfit_after(rows, wanted, x)
    assert abs(found - right) < 1e-6, (
        f"from this start a run ends with the misfit {right:.4f}, not {found:.4f}: where it ends depends on x"
    )


hessians = np.array([[[1.0, 0.5], [0.5, 1.0]], [[2.0, 0.0], [0.0, 0.2]], [[0.5, -0.3], [-0.3, 0.4]]])


@task("network-exercise-batches", points=1)
def test_shown_two_numbers(two_expectations):
    new, one = two_expectations(np.array([[[0.0]], [[2.0]]]), 0.5, 3)
    assert np.isclose(new[0, 0], 1.75), f"1 + 1/2 + 1/4 with new batches, not {new[0, 0]}"
    assert np.isclose(one[0, 0], 2.0), f"the mean of 3 and 1 with one batch, not {one[0, 0]}"


@task("network-exercise-batches", points=2)
def test_all_sequences_are_tried(two_expectations):
    h, K = 0.4, 4
    total = np.zeros((2, 2))
    for sequence in itertools.product(hessians, repeat=K - 1):
        term = np.eye(2)
        for H in [*sequence, np.zeros((2, 2))]:
            total = total + term / 3 ** (K - 1)
            term = term @ (np.eye(2) - h * H)
    new, one = map(np.asarray, two_expectations(hessians, h, K))
    assert np.allclose(new, total), f"the mean over all {3 ** (K - 1)} sequences of batches is {total}, not {new}"
    each = [sum(np.linalg.matrix_power(np.eye(2) - h * H, j) for j in range(K)) for H in hessians]
    assert np.allclose(one, np.mean(each, 0)), "with one batch it is the mean of the three series"
