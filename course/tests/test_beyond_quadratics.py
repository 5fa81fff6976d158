"""What the answers to the exercises of remedies/beyond-quadratics must do."""

import itertools

import numpy as np
import pytest

task = pytest.mark.task


@task("beyond-quadratics-exercise-elastic", points=1)
def test_shown_two_eigenvalues(elastic_slope):
    toy_gram = np.diag([0.2, 1.0])
    assert abs(elastic_slope(toy_gram, 0.1, 0.5) - 0.5 / 0.85) < 1e-9, "at h = 0.5 the slowest factor is 0.85"
    toy_slope = elastic_slope(toy_gram, 0.1, 1.7)
    assert abs(toy_slope - 1.7 / 0.87) < 1e-9, (
        "with a long step the largest eigenvalue is the slowest: |1 - 1.7·1.1| = 0.87"
    )


@task("beyond-quadratics-exercise-elastic", points=2)
@pytest.mark.parametrize("w, h", [(0.3, 0.4), (0.05, 1.5)])
def test_slope_of_a_run(elastic_slope, w, h):
    rng = np.random.default_rng(0)
    Q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    gram = Q * [0.1, 0.6, 1.2] @ Q.T
    K, (e, E), ratio = gram + w * np.eye(3), rng.standard_normal((2, 3)), []
    for _ in range(501):
        ratio.append(np.linalg.norm(E) / np.linalg.norm(e))
        e, E = e - h * K @ e, E - h * K @ E - h * e
    measured = (ratio[500] - ratio[400]) / 100
    slope = elastic_slope(gram, w, h)
    without = h / np.abs(1 - h * np.array([0.1, 0.6, 1.2])).max()
    assert abs(slope - without) > 1e-6 * without, "the weight adds to every eigenvalue of G"
    assert abs(slope / measured - 1) < 1e-3, f"at w = {w}, h = {h} the ratio grows by {measured:.3f}, not {slope:.3f}"


def terms(seed, n):
    """M and g of n scalar terms with curvatures around one; their noise has mean zero."""
    rng = np.random.default_rng(seed)
    H, g, M = rng.uniform(0.5, 2, n), rng.standard_normal((n, 2)), np.zeros((n, 2, 2))
    M[:, 0, 0] = M[:, 1, 1] = 1 - 0.2 * H
    M[:, 1, 0] = -0.2
    return M, g - g.mean(0)


@task("beyond-quadratics-exercise-batch", points=1)
def test_shown_the_ball_of_one_term(ball_of_batches):
    toy_M, toy_g = np.zeros((2, 2, 2)), np.array([[1.0, 2.0], [-1.0, -2.0]])  # each step forgets all
    both = ball_of_batches(toy_M, toy_g, 0.1, 1)
    assert np.allclose(both, [0.01, 0.04]), f"with M = 0 the errors are -h g: squares 0.01 and 0.04, not {both}"


@task("beyond-quadratics-exercise-batch", points=2)
@pytest.mark.parametrize("m", [2, 3])
def test_all_batches_counted(ball_of_batches, m):
    M, g = terms(0, 4)
    batches = np.array([*itertools.product(range(4), repeat=m)])
    means, noise, C = M[batches].mean(1), 0.2 * g[batches].mean(1), np.zeros((2, 2))
    for _ in range(400):
        C = (means @ C @ means.swapaxes(1, 2) + noise[:, :, None] * noise[:, None]).mean(0)
    squares = ball_of_batches(M, g, 0.2, m)
    assert np.all(np.asarray(squares) > 0), "mean squares are positive"
    assert np.allclose(squares, np.diag(C), rtol=1e-6), (
        f"{m} terms: mean squares {np.diag(C)}, not {np.asarray(squares)}; the mean of M ⊗ M changes with m as well"
    )
