"""Wrong answers to an exercise of applications/dataset-distillation, each with what its student is told."""


def one_step_student__keeps_what_is_common(theta, h):
    """what is common to all images cancels"""
    return h / len(theta) * theta


def one_step_student__has_ten_classes(theta, h):
    """the mean is over n = 2 images"""
    return h / 10 * (theta - theta.mean(0))
