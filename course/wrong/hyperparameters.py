"""Wrong answers to an exercise of applications/hyperparameters, each with what its student is told."""


def retuning_term__forgets_the_curvature(t, h, dh, lam, gap):
    """the derivative of 1 - hλ in h is -λ"""
    return -t * dh * (1 - h * lam) ** max(t - 1, 0) * gap


def retuning_term__has_the_wrong_sign(t, h, dh, lam, gap):
    """a longer step makes 1 - hλ smaller"""
    return t * lam * dh * (1 - h * lam) ** max(t - 1, 0) * gap
