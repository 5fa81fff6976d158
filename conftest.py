"""What every test runs with, and every notebook that pytest runs, unless the environment says otherwise."""

import os

# On a CPU, as the stored outputs. One thread in each of pytest's two processes and in their kernels: with more they
# wait for one another, a quarter of the time on two cores.
for name, value in {"JAX_PLATFORMS": "cpu", "NPROC": "1", "OMP_NUM_THREADS": "1"}.items():
    os.environ.setdefault(name, value)
