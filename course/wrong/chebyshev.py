"""Wrong answers to the exercises of theory/chebyshev, each with what it must be told."""

import numpy as np

import unrolling


def largest(kappa, low, high):
    lam = np.linspace(kappa, 1.0, 2001)
    P, dP = map(np.asarray, unrolling.residual_polynomials(unrolling.chebyshev(low, high), lam, 160))
    return np.abs(P - lam * dP).max(1)


def with_room__takes_the_first_time_below(c, kappa):
    """the last time above it counts"""
    curve = largest(kappa, kappa, c)
    return curve.max(), int(np.argmax(curve < curve[0]))


def with_room__no_room(c, kappa):
    """with c = 1.1 the height is 10.37"""
    curve = largest(kappa, kappa, 1.0)
    return curve.max(), np.flatnonzero(curve > 1e-3)[-1] + 1


def peak_with_G__that_of_D(kappa):
    """and 53.35 there"""
    bound = unrolling.chebyshev_bound(kappa, 1.0, 300, D=1.0, G=0.0)
    return int(bound.argmax()), float(bound.max())


def peak_with_G__by_the_law_of_gradient_descent(kappa):
    """it is largest at t = 10"""
    return round(1 / (2 * kappa)), 1 / (np.e * kappa)


def ratio_of_burn_ins__in_the_limit(kappa):
    """the burn-ins are 45 and 19"""
    return 2.0


def ratio_of_burn_ins__for_the_same_condition(kappa):
    """the burn-ins are 45 and 19"""
    fast = unrolling.chebyshev_bound(kappa, 1.0, 300, D=1.0, G=0.0)
    slow = unrolling.gradient_descent_bound(2 / (1 + kappa), kappa, 1.0, 300, D=1.0, G=0.0)
    return unrolling.burn_in(fast).end / unrolling.burn_in(slow).end
