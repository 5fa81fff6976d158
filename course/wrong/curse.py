"""Wrong answers to the exercises of theory/curse, each with what it must be told."""

import numpy as np
from scipy.special import lambertw


def best_step__is_that_of_the_iterates(budget, kappa):
    """2/(L+ℓ) is best for the iterates"""
    return 2 / (1 + kappa)


def best_step__is_the_safe_one(budget, kappa):
    """after 5 steps 1.605/L is best"""
    return 2**0.5


def peak__forgets_the_step(h, theta, x0):
    """20 is 1/θ"""
    return round(1 / theta), abs(x0) / (np.e * theta)


def peak__beyond_its_hypothesis(h, theta, x0):
    """the formula 1/(hθ) - 1 is for hθ ≤ 1"""
    t = max(1, int(np.ceil(1 / (h * theta) - 1 - 1e-9)))
    return t, h * t * abs(1 - h * theta) ** (t - 1) * abs(x0)


def peak__with_a_sign(h, theta, x0):
    """a height is not negative"""
    rho = abs(1 - h * theta)
    t = max(1, int(np.ceil(rho / (1 - rho) - 1e-9)))
    return t, h * t * rho ** (t - 1) * x0


def smallest_share__for_a_visible_rise(kappa):
    """for κ = 0.1 it is 0.0148"""
    return (np.e * kappa) ** 2


def smallest_share__in_the_limit(kappa):
    """for κ = 0.1 it is 0.0148"""
    return kappa**2


def lag__of_the_other_branch(accuracy):
    """take the branch -1"""
    return (-lambertw(-accuracy / np.e).real - 1) / np.log(1 / accuracy)


def lag__to_leading_order(accuracy):
    """the first digit has a lag of 1.689"""
    return 1 + np.log(np.log(1 / accuracy)) / np.log(1 / accuracy)
