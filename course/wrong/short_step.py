"""Wrong answers to the exercises of remedies/short-step, each with what it must be told."""

import numpy as np

import unrolling


def averaged_height__forgets_the_sum(weights, kappa):
    """the mean of two has the height 1.48"""
    lam = (1 + kappa) / 2 - (1 - kappa) / 2 * np.cos(np.linspace(0, np.pi, 399))
    P, dP = map(np.asarray, unrolling.residual_polynomials(unrolling.chebyshev(kappa, 1.0), lam, 200))
    R = P - lam * dP
    last = len(R) - len(weights) + 1
    return np.abs(sum(w * R[i : i + last] for i, w in enumerate(weights))).max()


def averaged_height__of_the_moduli(weights, kappa):
    """the mean of two has the height 1.48"""
    bound = np.asarray(unrolling.chebyshev_bound(kappa, 1.0, 300, D=1.0, G=0.0))
    last = len(bound) - len(weights) + 1
    return sum(w * bound[i : i + last] for i, w in enumerate(weights)).max() / sum(weights)


def silver_steps__counts_from_zero(n):
    """the first is √2"""
    i = np.arange(1, n + 1)
    return 1 + (1 + 2**0.5) ** np.log2(i & -i)


def averaged__reads_the_last_point(step_size):
    """its means 1, 0.75, 0.375"""
    return unrolling.gradient_descent(step_size)


def averaged__of_all_points(step_size):
    """P₃ at λ = 0.7"""
    return unrolling.Method(
        init=lambda x0: (x0, x0, 1.0),
        step=lambda gradient, state: (
            state[0] - step_size * gradient(state[0]),
            state[1] + (state[0] - step_size * gradient(state[0]) - state[1]) / (state[2] + 1),
            state[2] + 1,
        ),
        iterate=lambda state: state[1],
    )
