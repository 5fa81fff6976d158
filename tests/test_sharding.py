"""The columns of `unroll` over many devices, by JAX's own sharding: eight virtual ones, in one process and in two.

A process has one count of devices for life, so that every case runs in processes of its own; what they compute is
compared here, with one device. The same file is the program of those processes.
"""

import os
import socket
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import multihost_utils
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P

import unrolling

T, D, DEVICES = 9, 16, 8
SECONDS = 100  # a process that needs longer hangs, and is ended

RNG = np.random.default_rng(0)
A, Y = RNG.standard_normal((24, D)) / 5, RNG.standard_normal(24)
NAMES = ("ridge", "logistic", "matrix")


def logistic(x, theta):
    return jnp.logaddexp(0, A @ x).sum() + (theta * x**2).sum() / 2


def planar(x, theta):
    return jnp.logaddexp(0, A[:8, :3].T @ theta @ x).sum() + (x**2).sum() / 2


def unroll(name):
    """A function of theta, and a theta; made here, as nothing may compute before `jax.distributed` starts."""
    method, f, theta = {
        "ridge": lambda: (unrolling.chebyshev(0.2, 4.0), unrolling.ridge(A, Y), np.linspace(0.2, 1, D)),
        "logistic": lambda: (unrolling.momentum(0.2, 0.4), logistic, np.linspace(0.2, 1, D)),
        "matrix": lambda: (unrolling.gradient_descent(0.2), planar, np.cos(np.arange(8 * D)).reshape(8, D) / 4),
    }[name]()
    return lambda theta: unrolling.unroll(method, f, jnp.ones(D), theta, T), theta


def factors(kappa, step_size):
    """max |P_t| and max |P_t - lam P_t'|, t = 0, ..., T, for gradient descent on [kappa, 1]."""
    lam = jnp.stack([kappa, jnp.ones(())])
    P_t, dP_t = unrolling.residual_and_derivative(unrolling.gradient_descent(step_size), T)(lam)
    return jnp.abs(P_t).max(1), jnp.abs(P_t - lam * dP_t).max(1)


SWEEP = jax.vmap(jax.vmap(factors, (None, 0)), (0, None))
KAPPAS, STEP_SIZES = np.array([0.1, 0.01, 0.001]), np.linspace(0.1, 1.9, 2 * DEVICES)


# The program of the other processes.


def shards(name, array):
    """For an archive: the pieces of ``array`` that lie on this process's devices, by the place where they start."""
    return {
        "/".join([name, str(shard.device.id), *(str(part.start or 0) for part in shard.index)]): np.asarray(shard.data)
        for shard in array.addressable_shards
    }


def communication(compiled, theta):
    """How many operations of the compiled program move data between devices."""
    text = compiled.lower(theta).compile().as_text()
    return sum(text.count(word) for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute"))


def run_on_all_devices():
    mesh = jax.make_mesh((DEVICES,), ("columns",), axis_types=(AxisType.Auto,))
    result = {"devices": jax.local_device_count()}
    whole, columns = NamedSharding(mesh, P()), NamedSharding(mesh, P(None, None, "columns"))
    for name in NAMES:
        run, theta = unroll(name)
        compiled = jax.jit(run, out_shardings=(whole, columns))
        jacobians = compiled(theta)[1]
        result |= shards(name, jacobians)
        result[f"gathered/{name}"] = multihost_utils.process_allgather(jacobians, tiled=True)
        result[f"communication/{name}"] = communication(compiled, theta)
    rows = NamedSharding(mesh, P(None, "columns"))  # of every Jacobian: a product with H needs all of them
    result["communication/rows"] = communication(jax.jit(run, out_shardings=(whole, rows)), theta)
    step_sizes = jax.device_put(STEP_SIZES, NamedSharding(mesh, P("columns")))
    return result | shards("sweep", jax.jit(SWEEP)(KAPPAS, step_sizes)[1])


if __name__ == "__main__":
    path, devices, *member = sys.argv[1:]
    jax.config.update("jax_num_cpu_devices", int(devices))
    if member:
        address, index = member
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(
            address, 2, int(index), initialization_timeout=SECONDS // 2, coordinator_bind_address=address
        )
    np.savez(path, **run_on_all_devices())


# The tests.


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def results(folder, devices, *members):
    """What each of the processes saved, once all have ended well."""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    environment.pop("XLA_FLAGS", None)
    processes, end = [], time.monotonic() + SECONDS
    paths = [folder / f"{i}.npz" for i in range(len(members))]
    try:
        for path, member in zip(paths, members, strict=True):
            command = [sys.executable, __file__, str(path), str(devices), *member]
            with open(path.with_suffix(".txt"), "w") as log:
                processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT))
        codes = [process.wait(max(end - time.monotonic(), 0)) for process in processes]
    except subprocess.TimeoutExpired:
        codes = [f"still running after {SECONDS} seconds"]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    logs = "\n".join(path.with_suffix(".txt").read_text() for path in paths)
    assert codes == [0] * len(members), f"the processes ended with {codes}:\n{logs}"
    return [dict(np.load(path)) for path in paths]


@pytest.fixture(scope="module", params=["one process", "two processes"])
def spread(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sharding")
    if request.param == "one process":
        return results(folder, DEVICES, ())
    address = f"127.0.0.1:{free_port()}"
    return results(folder, DEVICES // 2, (address, "0"), (address, "1"))


def assembled(spread, name, like):
    """The array whose pieces the processes hold, each piece on a device of its own."""
    whole, owners = np.full(like.shape, np.nan), []
    for archive in spread:
        pieces = {key: piece for key, piece in archive.items() if key.startswith(name + "/")}
        assert len(pieces) == archive["devices"]
        for key, piece in pieces.items():
            _, device, *starts = key.split("/")
            place = tuple(slice(int(a), int(a) + n) for a, n in zip(starts, piece.shape, strict=True))
            assert piece.size * DEVICES == like.size and np.isnan(whole[place]).all()
            whole[place] = piece
            owners.append(device)
    assert len(set(owners)) == DEVICES
    return whole


def assert_equal(actual, expected):
    """But for rounding: the same products, which a block of other width may add in another order."""
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-14 * np.abs(expected).max())


@pytest.mark.parametrize("name", NAMES)
def test_each_device_has_its_columns_and_they_are_those_of_one_device(spread, name):
    run, theta = unroll(name)
    expected = np.asarray(run(theta)[1])
    assert_equal(assembled(spread, name, expected), expected)
    for archive in spread:
        assert_equal(archive[f"gathered/{name}"], expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_need_no_communication(spread, name):
    for archive in spread:
        assert archive[f"communication/{name}"] == 0 < archive["communication/rows"]


def test_a_sweep_over_condition_numbers_and_step_sizes(spread):
    expected = np.asarray(SWEEP(KAPPAS, STEP_SIZES)[1])
    assert expected.shape == (3, 2 * DEVICES, T + 1)
    assert_equal(assembled(spread, "sweep", expected), expected)
    bound = unrolling.gradient_descent_bound(STEP_SIZES[3], KAPPAS[1], 1.0, T, 1.0, 0.0)
    assert_equal(expected[1, 3], np.asarray(bound))
