"""What a page claims of its numbers, with a tick."""

import numpy as np


def check(claim, holds):
    """Print ``claim`` with a tick, or raise AssertionError.

    Parameters
    ----------
    claim
        What is checked, as a sentence or a part of one.
    holds
        A boolean, or an array of booleans, all of which must be true.

    Raises
    ------
    AssertionError
        Where one is not.
    TypeError
        For anything but booleans, of which nothing would follow.

    Examples
    --------
    >>> check("squares are not negative", np.arange(-3, 3) ** 2 >= 0)
    ✓ squares are not negative
    """
    holds = np.asarray(holds)
    if holds.dtype != bool or not holds.size:
        raise TypeError(f"holds must be booleans, at least one, got {holds!r}")
    if not holds.all():
        raise AssertionError(claim)
    print("✓", claim)
