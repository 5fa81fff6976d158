"""What the library costs: python benchmarks/library.py

Times are ratios to T bare matrix products H @ J of the same shape, compiled, in the same process. Runs of both take
turns, so that whatever else the machine does hits both; medians count.
"""

import importlib.metadata
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from decimal import Decimal, localcontext

import jax
import jax.numpy as jnp
import numpy as np

import unrolling

jax.config.update("jax_enable_x64", True)


def seconds(*functions, pause=0.0, repeats=7):
    """The median time of each function, once compiled, with all of them taking turns, a pause before each."""
    times = [[] for _ in functions]
    for function in functions:
        jax.block_until_ready(function())
    for _ in range(repeats):
        for function, record in zip(functions, times, strict=True):
            time.sleep(pause)
            start = time.perf_counter()
            jax.block_until_ready(function())
            record.append(time.perf_counter() - start)
    return [statistics.median(record) for record in times]


def products(H, J, num_steps):
    """A function that multiplies J by H, ``num_steps`` times."""
    run = jax.jit(lambda H, J: jax.lax.scan(lambda J, _: (H @ J, None), J, length=num_steps)[0])
    return lambda: run(H, J)


def data(n, d):
    """A ridge problem, its A^T A, and x_0 = 0."""
    generator = np.random.default_rng(0)
    A = generator.standard_normal((n, d)) / np.sqrt(n)
    return unrolling.ridge(A, A @ generator.standard_normal(d)), jnp.asarray(A.T @ A), jnp.zeros(d)


def row(what, value, unit, limit):
    print(f"{what:62} {value:9.3g} {unit:3} {f'limit {limit:g}' if limit else ''}", flush=True)


def a_call(d, most, ratio):
    """What a call costs beside its compiled core, which is a plain function of the same data."""
    problem, H, x0 = data(2 * d, d)
    method, b = unrolling.gradient_descent(0.2), problem.moment
    core = jax.jit(lambda H, b, x: jax.lax.scan(lambda x, _: (x - 0.2 * (H @ x + 0.1 * x - b), x), x, length=21)[1])
    call, compiled = seconds(
        lambda: unrolling.iterates(method, problem, x0, 0.1, 20), lambda: core(H, b, x0), repeats=101
    )
    row(f"iterates: ridge, d = {d}, T = 20", 1e3 * call, "ms", most)
    row("    compiled alone", 1e3 * compiled, "ms", None)
    row("    the call against it", call / compiled, "x", ratio)


def other_data():
    """The first call on another data set of the same shapes, against a repeated call."""
    method, rng = unrolling.gradient_descent(0.1), np.random.default_rng(0)

    def call(A, y):
        start = time.perf_counter()
        jax.block_until_ready(unrolling.jacobian_errors(method, unrolling.ridge(A, y), np.zeros(10), 1.0, 20))
        return time.perf_counter() - start

    A, y = rng.standard_normal((30, 10)), rng.standard_normal(30)
    first = call(A, y)
    again = statistics.median(call(A, y) for _ in range(50))
    others = [call(rng.standard_normal((30, 10)), rng.standard_normal(30)) for _ in range(50)]
    row("jacobian_errors(ridge(A, y)): the very first call", 1e3 * first, "ms", None)
    row("    the same data again", 1e3 * again, "ms", None)
    row("    other data, more than that", 1e3 * (statistics.median(others) - again), "ms", 5)
    row("    the slowest of 50 of them, more than that", 1e3 * (max(others) - again), "ms", None)


def size():
    """Memory maps and megabytes of this process."""
    with open("/proc/self/maps") as maps, open("/proc/self/statm") as pages:
        return len(maps.readlines()), int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def many_data_sets():
    """2,000 fits, each of data and of an objective of its own."""
    method, rng = unrolling.gradient_descent(0.01), np.random.default_rng(0)
    for i in range(2010):
        if i == 10:
            maps, megabytes = size()
        A, y = rng.standard_normal((20, 5)), rng.standard_normal(20)
        unrolling.jacobian_errors(method, unrolling.ridge(A, y), np.zeros(5), 1.0, 10)
        unrolling.iterates(method, lambda x, t, A=A, y=y: ((A @ x - y) ** 2).sum() * t, np.zeros(5), 1.0, 10)
    row("2000 data sets: memory maps more than after 10", size()[0] - maps, "", 200)
    row("2000 data sets: memory more than after 10", size()[1] - megabytes, "MB", 50)


def packages():
    """What ``pip install .`` brings along, in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = [os.path.join(folder, "bin", "python"), "-m", "pip"]
        subprocess.run([*python, "install", "--quiet", os.path.dirname(os.path.dirname(__file__)) or "."], check=True)
        listed = subprocess.run([*python, "list", "--format=freeze"], check=True, capture_output=True, text=True).stdout
    names = sorted({line.split("==")[0] for line in listed.split()} - {"pip", "setuptools"})
    row("packages of pip install .", len(names), "", 10)
    print("   ", " ".join(names))


def vector_theta():
    problem, H, x0 = data(1000, 200)
    theta, method, T = jnp.ones(200), unrolling.gradient_descent(0.2), 1000
    bare, unroll, errors = seconds(
        products(H, jnp.eye(200), T),
        lambda: unrolling.unroll(method, problem, x0, theta, T),
        lambda: unrolling.jacobian_errors(method, problem, x0, theta, T),
    )
    row("1000 products (200, 200) @ (200, 200)", 1e3 * bare, "ms", None)
    row("unroll: ridge, n = 1000, d = k = 200, T = 1000", unroll / bare, "x", 1.8)
    row("jacobian_errors: the same", errors / bare, "x", 0.35)


def scalar_theta():
    problem, H, x0 = data(2000, 1000)
    H = H + jnp.eye(1000)
    method, T = unrolling.gradient_descent(0.2), 1000
    eigh = jax.jit(lambda H: jax.lax.linalg.eigh(H, symmetrize_input=False))
    bare, errors, alone = seconds(
        products(H, jnp.ones(1000), T),
        lambda: unrolling.jacobian_errors(method, problem, x0, 1.0, T),
        lambda: eigh(H),
        pause=0.2,  # LAPACK's threads spin for a while after their work, and would slow the products
    )
    row("1000 products (1000, 1000) @ (1000,)", 1e3 * bare, "ms", None)
    row("jacobian_errors: ridge, d = 1000, scalar theta, T = 1000", errors / bare, "x", 2)
    row("    of which the eigendecomposition", alone / bare, "x", None)


def accuracy():
    """H(theta) = diag(lam) + theta I and constant b: every mode has its closed form, here in 50 digits."""
    lam, b, T = np.linspace(0.01, 1, 200), np.cos(np.arange(200)), 3000
    problem = unrolling.Quadratic(lambda theta: jnp.diag(lam + theta), lambda theta: jnp.asarray(b))
    error = unrolling.jacobian_errors(unrolling.gradient_descent(1.0), problem, np.zeros(200), 0.0, T).jacobian
    with localcontext(prec=50):
        # E_t = P_t (-dx*) + P_t' (-x*) with dx* = -x* / lam, P_t = (1 - lam)^t, power = (1 - lam)^(t-1).
        lam, b = np.vectorize(Decimal, otypes=[object])(lam), np.vectorize(Decimal, otypes=[object])(b)
        x_star, power = -b / lam, 0 * lam + 1
        errors = [x_star / lam]
        for t in range(1, T + 1):
            errors.append(power * ((1 - lam) / lam + t) * x_star)
            power = power * (1 - lam)
        exact = np.array([(E @ E).sqrt() for E in errors], float)
    seen = exact > 1e-6 * exact[0]
    assert not seen[-1]
    row("jacobian_errors: largest relative error, six decades", np.abs(error / exact - 1)[seen].max(), "", 1e-12)


def polynomials():
    lam = jnp.linspace(0.01, 1, 200)
    for name, method in {
        "gradient_descent": unrolling.gradient_descent(1.0),
        "momentum": unrolling.momentum(1.0, 0.5),
        "nesterov": unrolling.nesterov(0.01, 1.0),
        "chebyshev": unrolling.chebyshev(0.01, 1.0),
    }.items():
        [median] = seconds(lambda method=method: unrolling.residual_polynomials(method, lam, 1000))
        row(f"residual_polynomials: {name}, 200 eigenvalues, T = 1000", 1e3 * median, "ms", 3)


if __name__ == "__main__":
    versions = " ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("jax", "jaxlib", "numpy", "unrolling")
    )
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {versions}, float64")
    a_call(10, 2, None)
    a_call(1000, None, 1.3)
    other_data()
    vector_theta()
    scalar_theta()
    accuracy()
    polynomials()
    if sys.platform == "linux":
        many_data_sets()
    packages()
