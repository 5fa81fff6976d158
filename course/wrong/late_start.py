"""Wrong answers to an exercise of remedies/late-start, each with what its student is told."""

import numpy as np

import unrolling


def wait_and_burn_in__at_the_slow_end(kappa):
    """the wait of the mode at ℓ"""
    u = 2 * kappa / (1 + kappa)
    decay = -np.log(abs(1 - u))
    bound = unrolling.gradient_descent_bound(2 / (1 + kappa), kappa, 1.0, int(8 / kappa), D=1.0, G=0.0)
    return 1 + np.log(u / decay) / decay, unrolling.burn_in(bound).end


def wait_and_burn_in__returns_the_peak(kappa):
    """is where the bound peaks"""
    u = 2 / (1 + kappa)
    decay = -np.log(abs(1 - u))
    bound = unrolling.gradient_descent_bound(u, kappa, 1.0, int(8 / kappa), D=1.0, G=0.0)
    return 1 + np.log(u / decay) / decay, unrolling.burn_in(bound).peak
