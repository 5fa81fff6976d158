"""The library beside its peers: python benchmarks/peers.py

Ridge regression with one weight (d = 200), gradient descent. Two tasks: the Jacobians of all iterates, by forward mode,
and the gradient of a loss at the last iterate, by reverse mode. Each way is checked against the others before it is
timed. Prints the times and writes them, with machine and date, into the two cells of the chapter on costs that hold
them.
"""

import datetime
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optimistix

import unrolling

jax.config.update("jax_enable_x64", True)

warnings.filterwarnings("ignore")  # of packages that are no longer maintained
import higher  # noqa: E402
import jaxopt  # noqa: E402
import torch  # noqa: E402
import torchopt  # noqa: E402

CHAPTER = Path(__file__).parents[1] / "chapters/remedies/costs.ipynb"
D, STEPS = 200, [50, 100, 200, 400, 800]
GENERATOR = np.random.default_rng(0)
A = GENERATOR.standard_normal((1000, D)) / np.sqrt(1000)
Y = A @ GENERATOR.standard_normal(D)
H, B = A.T @ A, A.T @ Y
THETA, STEP = 0.1, 0.4
X0 = jnp.zeros(D)
TARGET = jnp.ones(D)
PACKAGES = ["jax", "jaxopt", "optax", "optimistix", "torch", "torchopt", "higher"]


def objective(x, theta):
    return x @ (jnp.asarray(H) @ x) / 2 - jnp.asarray(B) @ x + theta * x @ x / 2


def loss(x):
    return ((x - TARGET) ** 2).sum() / 2


# The Jacobians of all iterates: functions of T, which return their norms.


def products(T):
    """What no way can undercut: T products of H with two vectors, an iterate and its Jacobian."""
    run = jax.jit(lambda J: jax.lax.scan(lambda J, _: (jnp.asarray(H) @ J, None), J, length=2 * T)[0])
    return lambda: run(X0)


def by_unroll(T):
    ridge, method = unrolling.ridge(A, Y), unrolling.gradient_descent(STEP)
    run = jax.jit(lambda theta: jnp.linalg.norm(unrolling.unroll(method, ridge, X0, theta, T).jacobians, axis=1))
    return lambda: run(THETA)


def by_optax(T):
    optimizer = optax.sgd(STEP)

    def iterates(theta):
        def step(carry, _):
            x, state = carry
            updates, state = optimizer.update(jax.grad(objective)(x, theta), state)
            return (optax.apply_updates(x, updates), state), x

        return jax.lax.scan(step, (X0, optimizer.init(X0)), length=T + 1)[1]

    run = jax.jit(lambda theta: jnp.linalg.norm(jax.jacfwd(iterates)(theta), axis=1))
    return lambda: run(THETA)


def by_jaxopt(T):
    solver = jaxopt.GradientDescent(objective, stepsize=STEP, acceleration=False, tol=0, maxiter=T)

    def iterates(theta):
        def step(carry, _):
            x, state = carry
            return tuple(solver.update(x, state, theta)), x

        return jax.lax.scan(step, (X0, solver.init_state(X0, theta)), length=T + 1)[1]

    run = jax.jit(lambda theta: jnp.linalg.norm(jax.jacfwd(iterates)(theta), axis=1))
    return lambda: run(THETA)


def by_torch_func(T):
    matrix, vector = torch.tensor(H), torch.tensor(B)

    def iterates(theta):
        x, found = torch.zeros(D, dtype=torch.float64), []
        for _ in range(T + 1):
            found.append(x)
            x = x - STEP * (matrix @ x - vector + theta * x)
        return torch.stack(found)

    theta = torch.tensor(THETA, dtype=torch.float64)
    return lambda: torch.func.jacfwd(iterates)(theta).norm(dim=1).numpy()


# The gradient of the loss at the last iterate: functions of T, which return it.


def by_hypergradient(T):
    ridge, method = unrolling.ridge(A, Y), unrolling.gradient_descent(STEP)
    run = jax.jit(lambda theta: unrolling.hypergradient(lambda x, _: loss(x), method, ridge, X0, theta, T))
    return lambda: run(THETA)


def by_checkpointed_hypergradient(T):
    ridge, method = unrolling.ridge(A, Y), unrolling.gradient_descent(STEP)
    run = jax.jit(
        lambda theta: unrolling.hypergradient(lambda x, _: loss(x), method, ridge, X0, theta, T, checkpoint=True)
    )
    return lambda: run(THETA)


def by_jaxopt_run(T):
    options = {"stepsize": STEP, "acceleration": False, "tol": 0, "maxiter": T, "implicit_diff": False, "unroll": True}
    solver = jaxopt.GradientDescent(objective, **options)
    run = jax.jit(jax.grad(lambda theta: loss(solver.run(X0, theta).params)))
    return lambda: run(THETA)


def by_optimistix(T):
    solver = optimistix.GradientDescent(learning_rate=STEP, rtol=0.0, atol=0.0)

    def last(theta):
        options = {"max_steps": T + 1, "adjoint": optimistix.RecursiveCheckpointAdjoint(), "throw": False}
        return loss(optimistix.minimise(objective, solver, X0, theta, **options).value)  # the first step only evaluates

    run = jax.jit(jax.grad(last))
    return lambda: run(THETA)


def in_torch(descend):
    """The gradient by PyTorch, where ``descend(theta, objective)`` returns the last iterate."""
    matrix, vector = torch.tensor(H), torch.tensor(B)

    def gradient():
        theta = torch.tensor(THETA, dtype=torch.float64, requires_grad=True)
        x = descend(theta, lambda x: x @ (matrix @ x) / 2 - vector @ x + theta * (x @ x) / 2)
        return torch.autograd.grad(((x - 1) ** 2).sum() / 2, theta)[0].numpy()

    return gradient


def by_torchopt(T):
    def descend(theta, objective):
        optimizer, x = torchopt.sgd(lr=STEP), torch.zeros(D, dtype=torch.float64, requires_grad=True)
        state = optimizer.init((x,))
        for _ in range(T):
            gradient = torch.autograd.grad(objective(x), x, create_graph=True)
            updates, state = optimizer.update(gradient, state, inplace=False)
            (x,) = torchopt.apply_updates((x,), updates, inplace=False)
        return x

    return in_torch(descend)


def by_higher(T):
    def descend(theta, objective):
        model = torch.nn.Linear(D, 1, bias=False, dtype=torch.float64)
        torch.nn.init.zeros_(model.weight)
        with higher.innerloop_ctx(model, torch.optim.SGD(model.parameters(), STEP)) as (copy, optimizer):
            for _ in range(T):
                optimizer.step(objective(copy.weight[0]))
            return copy.weight[0]

    return in_torch(descend)


TASKS = {
    "Jacobians of all iterates": {
        "bare products": products,
        "unrolling.unroll": by_unroll,
        "optax in a scan": by_optax,
        "jaxopt in a scan": by_jaxopt,
        "torch.func": by_torch_func,
    },
    "Gradient at the last iterate": {
        "unrolling.hypergradient": by_hypergradient,
        "the same, checkpointed": by_checkpointed_hypergradient,
        "jaxopt, unrolled": by_jaxopt_run,
        "optimistix, checkpointed": by_optimistix,
        "torchopt": by_torchopt,
        "higher": by_higher,
    },
}


def seconds(run):
    """The median time of five runs, after one that compiles."""
    jax.block_until_ready(run())
    times = []
    for _ in range(5):
        start = time.perf_counter()
        jax.block_until_ready(run())
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def check(ways):
    """All ways give the same, but for the bare products."""
    results = {name: np.asarray(way(50)()) for name, way in ways.items() if way is not products}
    first, *others = results
    for name in others:
        difference = np.abs(results[name] - results[first]).max() / np.abs(results[first]).max()
        if not difference < 1e-9:
            sys.exit(f"{name} differs from {first} by {difference:.1e}")


def as_source(measured):
    """The cell of the chapter: milliseconds by task and way, to two digits, and to the whole above a hundred."""
    text = f"steps = {list(STEPS)}\nmilliseconds = {{\n"
    for title, rows in measured.items():
        text += f'    "{title}": {{\n'
        for name, row in rows.items():
            times = ", ".join(f"{1e3 * it:.0f}" if it > 0.1 else f"{1e3 * it:.2g}" for it in row)
            text += f'        "{name}": [{times}],\n'
        text += "    },\n"
    return text + "}"


def main():
    measured = {}
    for title, ways in TASKS.items():
        check(ways)
        measured[title] = {name: [seconds(way(T)) for T in STEPS] for name, way in ways.items()}
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    provenance = (
        f"Medians of five runs after the first. Measured on {datetime.date.today()}, on a {platform.machine()} "
        f"processor with {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {versions}."
    )
    notebook = json.loads(CHAPTER.read_text("utf-8"))
    new = {"peers": as_source(measured), "peers-measured": provenance}
    for cell in notebook["cells"]:
        if cell["id"] in new:
            cell["source"] = new[cell["id"]].splitlines(keepends=True)
    CHAPTER.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    print(*new.values(), "Now: make notebooks NOTEBOOKS=chapters/remedies/costs.ipynb", sep="\n\n")


if __name__ == "__main__":
    main()
