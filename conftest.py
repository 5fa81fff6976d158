"""What every test runs with, and every notebook, unless the environment says otherwise."""

import os

# A chapter is run for what a processor computes. One thread in each of pytest's two processes and in their kernels:
# more would wait for one another, on two cores for a quarter of the time.
for name, value in {"JAX_PLATFORMS": "cpu", "NPROC": "1", "OMP_NUM_THREADS": "1"}.items():
    os.environ.setdefault(name, value)
