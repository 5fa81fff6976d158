"""Layers with constraints beside their peers: python benchmarks/constrained.py

The derivative of a quadratic program by its optimality conditions, by qpax and by cvxpylayers: on five random programs,
at a constraint that just touches, at a corner with three lines, and of a linear program. Prints what they answer and
writes it, with machine and date, into the two cells of the chapter on layers with constraints that hold it.
"""

import datetime
import importlib.metadata
import json
import os
import platform
from pathlib import Path

import cvxpy
import jax
import jax.numpy as jnp
import numpy as np
import qpax
from cvxpylayers.jax import CvxpyLayer

jax.config.update("jax_enable_x64", True)

CHAPTER = Path(__file__).parents[1] / "chapters/practice/constrained-layers.ipynb"
PACKAGES = ["jax", "qpax", "cvxpylayers", "cvxpy", "diffcp"]
# One constraint that just touches: x_1 <= 0, the minimum without it at (0, 1).
TOUCHING = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([-0.5, -1.0]), np.array([[1.0, 0.0]]), np.zeros(1)
# Three lines through one corner.
CORNER = np.eye(2), np.array([-2.0, -3.0]), np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, 1.0, 2.0])
# min c.x over the cube [0, 1]^3.
CUBE = np.array([1.0, -0.5, 0.2]), np.vstack([np.eye(3), -np.eye(3)]), np.append(np.ones(3), np.zeros(3))


def by_qpax(kappa):
    """x of min x.Qx/2 + c.x, Ax <= b, as a function of Q, c, A and b."""
    options = {} if kappa is None else {"target_kappa": kappa, "solver_tol": 1e-8}

    def layer(Q, c, A, b):
        return qpax.solve_qp_primal(Q, c, jnp.zeros((0, len(c))), jnp.zeros(0), A, b, **options)

    return layer


def by_cvxpylayers(Q, c, A, b):
    linear, rows, sides = cvxpy.Parameter(len(c)), cvxpy.Parameter(A.shape), cvxpy.Parameter(len(b))
    x, root = cvxpy.Variable(len(c)), root_of(Q)
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(root @ x) / 2 + linear @ x), [rows @ x <= sides])
    return CvxpyLayer(problem, parameters=[linear, rows, sides], variables=[x])(c, A, b)[0]


def root_of(Q):
    """R with R^T R = Q, which may be singular."""
    lam, U = np.linalg.eigh(Q)
    return np.sqrt(lam)[:, None] * U.T


def jacobians(layer, Q, c, A, b):
    """Those of x in c and b: one solution, and a product with each row of the identity."""
    x, pull = jax.vjp(lambda c, b: layer(Q, c, jnp.asarray(A), b), jnp.asarray(c), jnp.asarray(b))
    rows = [pull(unit) for unit in jnp.eye(len(x))]
    return tuple(np.array([row[k] for row in rows]) for k in (0, 1))


def random_program(seed, n=8, m=12):
    """As in the chapter."""
    generator = np.random.default_rng(seed)
    M, A = generator.standard_normal((n, n)), generator.standard_normal((m, n))
    c, b = generator.standard_normal(n), generator.uniform(0.1, 0.5, m)
    return M @ M.T / n + 0.1 * np.eye(n), c, A / n**0.5, b


def by_conditions(Q, c, A, b):
    """The Jacobians in c and b from the optimality conditions, the active set being qpax's."""
    x, _, mu, *_ = qpax.solve_qp(Q, c, jnp.zeros((0, len(c))), jnp.zeros(0), A, b, solver_tol=1e-10)
    on = np.asarray(mu) > 1e-6
    n, k = len(c), int(on.sum())
    K = np.block([[Q, A[on].T], [A[on], np.zeros((k, k))]])
    inverse = np.linalg.inv(K)
    of_b = np.zeros((n, len(b)))
    of_b[:, on] = inverse[:n, n:]
    return -inverse[:n, :n], of_b


def answers(layer):
    """One text for each column of the chapter's table."""
    errors = []
    for seed in range(5):
        program = random_program(seed)
        pairs = zip(jacobians(layer, *program), by_conditions(*program), strict=True)
        errors += [np.linalg.norm(found - true) / np.linalg.norm(true) for found, true in pairs]
    Q, _, A, _ = TOUCHING
    inverse = np.linalg.inv(Q)
    step = inverse @ np.outer(A[0], A[0]) @ inverse / (A[0] @ inverse @ A[0])
    kept = ((jacobians(layer, *TOUCHING)[0] + inverse) * step).sum() / (step**2).sum()
    corner = jacobians(layer, *CORNER)[1][:, 0]
    linear = np.abs(jacobians(layer, np.zeros((3, 3)), *CUBE)[0]).max()
    return [
        f"{max(errors):.0e}",
        f"{kept:.2f}",
        f"({corner[0] + 0.0:.2f}, {corner[1] + 0.0:.2f})",
        f"{linear:.0e}" if linear > 1e-12 else "0",
    ]


def main():
    ways = {"qpax": by_qpax(None), "qpax, κ = 1e-8": by_qpax(1e-8), "cvxpylayers": by_cvxpylayers}
    found = {name: answers(layer) for name, layer in ways.items()}
    rows = [f"    {json.dumps(name, ensure_ascii=False)}: {json.dumps(row)},\n" for name, row in found.items()]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    provenance = (
        f"Computed on {datetime.date.today()}, on a {platform.machine()} processor with {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; {versions}."
    )
    notebook = json.loads(CHAPTER.read_text("utf-8"))
    new = {
        "constrained-layers-peers": f"peers = {{\n{''.join(rows)}}}",
        "constrained-layers-peers-measured": provenance,
    }
    for it in notebook["cells"]:
        if it["id"] in new:
            it["source"] = new[it["id"]].splitlines(keepends=True)
    CHAPTER.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    print(*new.values(), "Now: make notebooks NOTEBOOKS=chapters/practice/constrained-layers.ipynb", sep="\n\n")


if __name__ == "__main__":
    main()
