"""How long and how high the burn-in of a method is: ``python -m unrolling burn-in --kappa 1e-3 --method chebyshev``."""

import argparse
import math
import re
import sys

import jax
import numpy as np

import unrolling

# By name, for L = 1; the site's calculator has the same.
METHODS = {
    "gradient-1": ("gradient descent, h = 1/L", lambda kappa: unrolling.gradient_descent(1.0)),
    "gradient-sqrt2": ("gradient descent, h = sqrt(2)/L", lambda kappa: unrolling.gradient_descent(math.sqrt(2))),
    "gradient-2": ("gradient descent, h = 2/(L + l)", lambda kappa: unrolling.gradient_descent(2 / (1 + kappa))),
    "heavy-ball": (
        "heavy ball, Polyak's constants",
        lambda kappa: unrolling.momentum(
            (2 / (1 + math.sqrt(kappa))) ** 2, ((1 - math.sqrt(kappa)) / (1 + math.sqrt(kappa))) ** 2
        ),
    ),
    "nesterov": ("Nesterov", lambda kappa: unrolling.nesterov(kappa, 1.0)),
    "chebyshev": ("Chebyshev", lambda kappa: unrolling.chebyshev(kappa, 1.0)),
    "sobolev": ("Sobolev, alpha = 0, eta = L^2", lambda kappa: unrolling.sobolev(kappa, 1.0)),
}


def worst_case_of(name, kappa, D=1.0, G=0.0, tolerance=0.01, short_step=False):
    """The method, and its worst errors until both of them stay below the tolerance."""
    method = METHODS[name][1](kappa)
    if short_step:
        method = unrolling.join(unrolling.gradient_descent(1.0), method)
    speed = kappa if name.startswith("gradient") else math.sqrt(kappa)
    T = 2 ** math.ceil(math.log2(8 + math.log(10 / tolerance) / speed))
    while True:
        x, jacobian = map(np.asarray, unrolling.worst_case(method, kappa, 1.0, T, D=D, G=G))
        if max(x[T // 2 :].max(), jacobian[T // 2 :].max() / (D or G)) < tolerance:
            return x, jacobian
        T *= 2


def steps_to(errors, level):
    """The first t from which on no error is above the level."""
    above = np.flatnonzero(errors > level)
    return int(above[-1]) + 1 if above.size else 0


def report(name, kappa, D=1.0, G=0.0, tolerance=0.01, short_step=False):
    """What the command says, in lines."""
    x, jacobian = worst_case_of(name, kappa, D, G, tolerance, short_step)
    unit = D or G
    title = METHODS[name][0] + (", one step 1/L first" if short_step else "")
    yield f"{title}; kappa = {kappa:g}, D = {D:g}, G = {G:g}, L = 1"
    peak = int(np.argmax(jacobian >= (1 - 1e-9) * jacobian.max()))
    high = f"{jacobian[peak] / unit:.4g} times {'D' if D else 'G'}, at t = {peak}"
    yield f"peak of the Jacobian's error  {high if peak else 'none: no error is above the start'}"
    end = unrolling.burn_in(jacobian).end if D else None
    yield f"burn-in                       {'none: the start is exact' if end is None else f'{end} steps'}"
    steps = steps_to(x, tolerance), steps_to(jacobian, tolerance * unit)
    yield f"steps to {tolerance:<8g}             {steps[0]} for the iterate, {steps[1]} for the Jacobian"
    yield f"lag                           {steps[1] / steps[0]:.2f}"


def number(said, test):
    """A type of argument: a number for which ``test`` holds."""

    def parse(text):
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not test(value):
            raise argparse.ArgumentTypeError(f"must be {said}, got {text}")
        return value

    return parse


def with_values(arguments):
    """``--kappa=-1e-3`` for ``--kappa -1e-3``, where argparse would take the number for an option."""
    joined = []
    for it in arguments:
        if joined and joined[-1].startswith("--") and re.match(r"-[\d.in]", it):
            joined[-1] += f"={it}"
        else:
            joined.append(it)
    return joined


def main(arguments=None):
    about = "What it costs to differentiate through a method, in the worst case over all quadratics."
    parser = argparse.ArgumentParser(prog="python -m unrolling", description=about)
    commands = parser.add_subparsers(dest="command", required=True)
    burn_in = commands.add_parser(
        "burn-in",
        help="peak, burn-in and lag of a method",
        description="The worst errors of the iterates and of their Jacobians over all quadratics whose Hessian has "
        "eigenvalues in [kappa, 1] and commutes with its derivative: peak, burn-in (the first step from which on no "
        "error of the Jacobian is above its start), steps to a tolerance. For example: --kappa 1e-3 --method chebyshev",
        epilog="Methods: " + "; ".join(f"{name}: {title}" for name, (title, _) in METHODS.items()),
    )
    add = burn_in.add_argument
    small = number("in [1e-4, 0.99]", lambda v: 1e-4 <= v <= 0.99)
    weight = number("in [0, 1e6]", lambda v: 0 <= v <= 1e6)
    add("--kappa", type=small, required=True, help="l/L, the inverse condition number, in [1e-4, 0.99]")
    add(
        "--method",
        choices=METHODS,
        default="gradient-2",
        metavar="METHOD",
        help="one of those below; default %(default)s",
    )
    add("--short-step", action="store_true", help="make one step of length 1/L first")
    tolerance = number("in [1e-9, 0.9]", lambda v: 1e-9 <= v <= 0.9)
    add("--tolerance", type=tolerance, default=0.01, help="relative error, in [1e-9, 0.9]; default %(default)s")
    add("--d", type=weight, default=1.0, metavar="D", help="error of the Jacobian at the start; default %(default)s")
    add(
        "--g",
        type=weight,
        default=0.0,
        metavar="G",
        help="how strongly the first gradient changes with theta, for L = 1; default %(default)s",
    )
    options = parser.parse_args(with_values(sys.argv[1:] if arguments is None else arguments))
    if options.d == options.g == 0:
        burn_in.error("argument --d: must be positive where --g is 0, or there is no error")
    jax.config.update("jax_enable_x64", True)
    said = report(options.method, options.kappa, options.d, options.g, options.tolerance, options.short_step)
    print(*said, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
