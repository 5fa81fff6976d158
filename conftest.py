"""What every test runs with, and every notebook that pytest runs, unless the environment says otherwise."""

import os

import pytest

# On a CPU, as the stored outputs, and in float64. One thread in each of pytest's two processes and in their kernels:
# with more they wait for one another, a quarter of the time on two cores.
for name, value in {"JAX_PLATFORMS": "cpu", "JAX_ENABLE_X64": "1", "NPROC": "1", "OMP_NUM_THREADS": "1"}.items():
    os.environ.setdefault(name, value)


@pytest.fixture(autouse=True)
def _names_of_examples(doctest_namespace):
    import jax.numpy  # after the environment was set

    import unrolling

    doctest_namespace |= {"unrolling": unrolling, "jnp": jax.numpy}
