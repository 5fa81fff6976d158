"""What the library costs: python benchmarks/library.py

Times are ratios to T bare matrix products H @ J of the same shape, compiled, in the same process. Runs of both take
turns, so that whatever else the machine does hits both; medians count.
"""

import importlib.metadata
import os
import platform
import statistics
import time
from decimal import Decimal, localcontext

import jax
import jax.numpy as jnp
import numpy as np

import unrolling


def seconds(*functions, pause=0.0):
    """The median time of each function, once compiled, with all of them taking turns, a pause before each."""
    times = [[] for _ in functions]
    for function in functions:
        jax.block_until_ready(function())
    for _ in range(7):
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
    _, error = unrolling.jacobian_errors(unrolling.gradient_descent(1.0), problem, np.zeros(200), 0.0, T)
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
        [median] = seconds(lambda method=method: unrolling.residual_and_derivative(method, 1000)(lam))
        row(f"residual_and_derivative: {name}, 200 eigenvalues, T = 1000", 1e3 * median, "ms", 3)


if __name__ == "__main__":
    versions = " ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("jax", "jaxlib", "numpy", "unrolling")
    )
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {versions}, float64")
    vector_theta()
    scalar_theta()
    accuracy()
    polynomials()
