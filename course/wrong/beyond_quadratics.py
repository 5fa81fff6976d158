"""Wrong answers to the exercises of remedies/beyond-quadratics, each with what its student is told."""

import numpy as np


def elastic_slope__takes_the_smallest_eigenvalue(gram, w, h):
    """with a long step the largest eigenvalue is the slowest"""
    return h / abs(1 - h * (np.linalg.eigvalsh(gram)[0] + w))


def elastic_slope__forgets_the_weight(gram, w, h):
    """the weight adds to every eigenvalue of G"""
    return h / np.abs(1 - h * np.linalg.eigvalsh(gram)).max()


def ball(M, g, h, m, mixed):
    size, mean = M.shape[1], M.mean(0)
    one = np.einsum("iab,icd->acbd", M, M).reshape(size**2, size**2) / len(M)
    step = one / mixed + (1 - 1 / mixed) * np.kron(mean, mean)
    C = np.linalg.solve(np.eye(size**2) - step, h**2 * (g.T @ g / len(g)).ravel() / m)
    squares = np.diag(C.reshape(size, size))
    return squares[: size // 2].sum(), squares[size // 2 :].sum()


def ball_of_batches__divides_by_m(M, g, h, m):
    """the mean of M ⊗ M changes with m as well"""
    return ball(M, g, h, m, 1)


def ball_of_batches__forgets_the_step(M, g, h, m):
    """with M = 0 the errors are -h g"""
    return ball(M, g, 1.0, m, m)
