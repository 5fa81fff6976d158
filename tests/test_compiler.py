"""What the installed JAX makes of a product with a constant matrix, in programs that are compiled afresh.

XLA's YNN fusions, which are in JAX 0.10.2, 0.11 and 0.12, get it wrong on CPUs: NaN, or any number. Data augmentation
and distillation have such products, with their zero starts. A compiled program is always right or always wrong, so
one compilation would not do.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

A = np.random.default_rng(0).integers(-9, 10, (600, 64)).astype(float)  # whole numbers: their sums are exact
WRONG = (
    f"JAX {jax.__version__} computes products with a constant matrix wrongly on this processor, in {{}} of 20 "
    "compilations. pyproject.toml names releases that do not; XLA_FLAGS=--xla_cpu_experimental_ynn_fusion_type= helps."
)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_product_with_a_constant_is_right_whenever_it_is_compiled(value):
    constant = jnp.full((10, 64), value)
    # A new function each time, so that none is compiled already.
    computed = [jax.jit(lambda A: (A @ constant.T).sum())(A) for _ in range(20)]
    wrong = sum(it != value * 10 * A.sum() for it in computed)
    assert wrong == 0, WRONG.format(wrong)
