"""Wrong answers to the exercises of applications/meta-learning, each with what its student is told."""

import numpy as np

import unrolling


def first_order_converges__goes_by_parity(H, T):
    """the parity of T is the rule of gradient descent only"""
    return T % 2 == 0


def first_order_converges__asks_for_small_residuals(H, T):
    """it is the sign of P_T that counts"""
    lam = np.linalg.eigvalsh(H)
    P = np.asarray(unrolling.residual_polynomials(unrolling.chebyshev(lam[0], lam[-1]), lam, T).values[T])
    return bool((np.abs(P) < 1).all())


def implicit_maml_gradient__forgets_the_weight(H, b, weight, theta, outer_slope):
    """the factor λ is missing"""
    K = H + weight * np.eye(len(b))
    return np.linalg.solve(K, outer_slope(np.linalg.solve(K, b + weight * theta)))


def implicit_maml_gradient__at_the_centre(H, b, weight, theta, outer_slope):
    """the gradient at the centre is not that at the solution"""
    return weight * np.linalg.solve(H + weight * np.eye(len(b)), outer_slope(theta))
