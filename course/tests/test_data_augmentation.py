"""What the answers to the graded exercises of applications/data-augmentation must do."""

import numpy as np
import pytest

task = pytest.mark.task


@task("data-augmentation-exercise-penalty", points=1)
def test_shown_two_copies(penalty_share):
    found = penalty_share(np.array([[1.0], [3.0]]), np.array([[1.0]]), np.array([0.0]))
    assert abs(found - 0.2) < 1e-12, (
        f"the mean square is 5, the penalty 1 (divide by k, not by k - 1): 0.2, not {found}"
    )


@task("data-augmentation-exercise-penalty", points=2)
@pytest.mark.parametrize("k, scale", [(3, 1.0), (7, 0.01)])
def test_the_rest_is_the_blurred_image(penalty_share, k, scale):
    rng = np.random.default_rng(k)
    copies, x, c = 2 + rng.standard_normal((k, 5)), scale * rng.standard_normal((4, 5)), rng.standard_normal(4)
    whole = np.mean([np.sum((x @ a - c) ** 2) for a in copies])
    blurred = np.sum((x @ copies.mean(0) - c) ** 2)
    right, found = 1 - blurred / whole, penalty_share(copies, x, c)
    assert 0 <= found <= 1, f"a share is between 0 and 1, not {found}"
    assert abs(found - right) < 1e-9 + 1e-6 * right, (
        f"without the penalty {blurred / whole:.4f} of the loss is left, so its share is {right:.4f}, not {found:.4f}: "
        "Σ is taken around the mean"
    )
