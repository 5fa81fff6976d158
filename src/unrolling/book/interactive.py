"""The book's interactive figures, as a notebook shows them: a still picture, and a name by which a page makes it live.

What moves is ``site/static/interactive.js``, or ``runs.js`` or ``distillation.js`` beside it, which compute in the
reader's browser. The still picture stands for the state that the live figure begins with, and its values are the
library's own.

>>> print(step_sizes().picture.alt[:63])
Step sizes at κ = 0.01: iterations (log scale) against hL. term

Throughout L = 1, so that κ = ℓ and h = hL.
"""

import jax
import numpy as np

from unrolling import burn_in, gradient_descent, gradient_descent_bound, residual_polynomials
from unrolling.book.figures import panel, plot

MIME = "application/vnd.unrolling+json"
LONG = "gradient descent, h = 2/(L + ℓ)"


class Interactive:
    """The name of a figure, its still picture, and texts that the live one is made from, each by a name."""

    def __init__(self, name, picture, **data):
        self.name, self.picture, self.data = name, picture, data

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: {"figure": self.name} | self.data} | self.picture._repr_mimebundle_()


def explorer():
    """A method's polynomial with the tangent that is worst for the Jacobian, beside the worst errors against t."""
    kappa, t, last = 0.01, 50, 10_000
    h = 2 / (1 + kappa)
    lam = (1 - np.cos(np.pi * np.arange(241) / 240)) / 2
    P, dP = (np.asarray(it[t]) for it in residual_polynomials(gradient_descent(h), lam, t))
    tangent = P[-1] + dP[-1] * (lam - 1)  # the worst one touches at L
    left = {"Pₜ(λ)": (lam, P), "tangent at L: the Jacobian’s factor": (lam, tangent)}
    (bound,) = _bounds(np.array([h]), last, D=1.0, G=0.0)
    peak, _, end = burn_in(bound)
    times = np.union1d(np.geomspace(1, last, 150).round().astype(int), [peak, end])
    right = {"iterate": (times, (1 - h * kappa) ** times), "Jacobian": (times, bound[times])}
    picture = plot(
        panel(f"t = {t}", left, ylabel="value", xlabel="eigenvalue λ", log="", floor=-1.5, marks={"ℓ": kappa}),
        panel("Worst case", right, ylabel="error / start", log="xy", floor=1e-6, marks={"peak": peak, "back": end}),
    )
    return Interactive("explorer", picture)


def polynomials():
    """P_t(λ) and λP_t'(λ) over [0, L], with t as a slider."""
    lam = (1 - np.cos(np.pi * np.arange(241) / 240)) / 2
    P, dP = residual_polynomials(gradient_descent(2 / 1.1), lam, 5)
    curves = {"Pₜ(λ)": (lam, P[5]), "λPₜ′(λ)": (lam, lam * dP[5])}
    content = panel(f"{LONG}, t = 5, κ = 0.1", curves, ylabel="value", xlabel="eigenvalue λ", log="", marks={"ℓ": 0.1})
    return Interactive("polynomials", plot(content))


def spectrum_of_error():
    """Each eigenvalue's part of the squared errors, from a warm start to a far one.

    On f(x, θ) = Σ ((λ_i + θ) x_i^2 / 2 - λ_i^2 x_i) at θ = 0, with 200 eigenvalues λ_i = x*_i evenly in [0.01, 1], and
    from x_0 = (1 - s) x*, mode i has the Jacobian error P_t(λ_i) - s λ_i P_t'(λ_i).
    """
    lam = np.linspace(0.01, 1, 200)
    P, dP = residual_polynomials(gradient_descent(2 / 1.01), lam, 20)
    iterates, jacobian = P[20] ** 2, (P[20] - 3 * lam * dP[20]) ** 2
    curves = {"iterates: Pₜ(λ)²": (lam, iterates), "Jacobian: (Pₜ(λ) − s λPₜ′(λ))²": (lam, jacobian)}
    title = f"{LONG}, t = 20, s = 3"
    content = panel(title, curves, ylabel="squared error / start", xlabel="eigenvalue λ", floor=1e-6)
    return Interactive("spectrum_of_error", plot(content))


def step_sizes():
    """Peak, burn-in and final rate of gradient descent against its step size."""
    labels = ["term with D: burn-in", "term with D: peak", "term with G: peak", "one more digit, in the end"]
    h, T = np.arange(5, 200) / 100, 4000
    values = []
    for step, with_D, with_G in zip(h, _bounds(h, T, D=1.0, G=0.0), _bounds(h, T, D=0.0, G=1.0), strict=True):
        D, G = burn_in(with_D), burn_in(with_G[1:])
        digit = -np.log(10) / np.log(max(1 - step * 0.01, abs(1 - step)))
        values.append([D.end or np.nan, D.peak or np.nan, G.peak + 1, digit])
    curves = {label: (h, column) for label, column in zip(labels, np.transpose(values), strict=True)}
    marks = {"√2/L": 2**0.5, "2/(L+ℓ)": 2 / 1.01}
    content = panel("Step sizes at κ = 0.01", curves, ylabel="iterations", xlabel="hL", marks=marks)
    return Interactive("step_sizes", plot(content))


def late_start():
    """The error after T steps against the first that is differentiated, beside the error of one such run.

    The problem is that of `spectrum_of_error`, from x_0 = 0, with T = 300 and K = 60. What n steps from x_K have of the
    Jacobian is off by P_n(λ) - P_n'(λ) P_K(λ) λ in each mode, as a multiple of its value.
    """
    K, T, last = 60, 300, 600
    lam = np.linspace(0.01, 1, 200)
    P, dP = (np.asarray(it) for it in residual_polynomials(gradient_descent(2 / 1.01), lam, last))

    def norm(values):
        return np.sqrt((values**2).mean(-1))

    starts, times = np.arange(0, T + 1, 2), np.arange(0, last + 1, 2)
    n = T - starts
    left = {
        "all of it": norm(P[n] - lam * dP[n] * P[starts]),
        "bias of the late start": norm(P[n]),
        "what is left of the curse": norm(lam * dP[n] * P[starts]),
    }
    left = {label: (starts, column) for label, column in left.items()}
    n = np.maximum(times - K, 0)
    right = {f"K = {K}": norm(P[n] - lam * dP[n] * P[K]), "K = 0": norm((P - lam * dP)[times])}
    right = {label: (times, column) for label, column in right.items()}
    xlabel = "first differentiated step K"
    picture = plot(
        panel(
            f"After T = {T} steps, for even K",
            left,
            ylabel="relative error",
            xlabel=xlabel,
            floor=1e-4,
            marks={f"K = {K}": K},
        ),
        panel("The same run", right, ylabel="relative error", floor=1e-4, marks={f"T = {T}": T}),
    )
    return Interactive("late_start", picture)


def turning():
    """A hypergradient as a multiple of the exact one, and its two modes, against t.

    On f(x, θ) = Σ ((λ_i + θ) x_i^2 / 2 - λ_i^2 x_i) at θ = 0 with λ = 0.05 and 1, from x_0 = 0 with the step 1.9, for
    the outer loss (x_1 + x_2) / 2. Mode i has 1 - P_t(λ_i) + λ_i P_t'(λ_i) of its exact part, and both parts are equal.
    """
    lam, times = np.array([0.05, 1.0]), np.arange(61)
    P, dP = (np.asarray(it) for it in residual_polynomials(gradient_descent(1.9), lam, 60))
    slow, stiff = (1 - P + lam * dP).T
    curves = {"unrolled": (slow + stiff) / 2, "slow mode": slow, "stiff mode": stiff}
    curves = {label: (times, column) for label, column in curves.items()}
    content = panel(
        "κ = 0.05, h = 1.9/L", curves, ylabel="hypergradient / exact one", log="", bounds={"exact": np.ones(61)}
    )
    return Interactive("turning", plot(content))


def checkpoints():
    """The best way back through T steps with few iterates kept, beside its forward steps for each number of them."""
    T, c = 60, 5
    least, split = _schedules(T)
    pieces, kept = _way_back(T, c - 1, split)

    def strokes(ends):  # one curve with gaps
        return tuple(np.array([(start, end, (end[0], np.nan)) for start, end in ends], float).reshape(-1, 2).T)

    left = {
        "run forward again": strokes([((start, done), (end, done)) for start, end, done in pieces]),
        "way back": (np.array([T, 0.0]), np.array([0.0, T])),
        "kept": strokes([((it, since), (it, until)) for it, since, until in kept]),
    }
    right = {"the fewest": (np.arange(1, T + 1), least[:T, T] / T)}
    picture = plot(
        panel(f"T = {T}, c = {c}", left, ylabel="steps back that are made", xlabel="iterate", log=""),
        panel(
            "Forward steps", right, ylabel="for each step", xlabel="kept iterates c", log="xy", marks={f"c = {c}": c}
        ),
    )
    return Interactive("checkpoints", picture)


def distillation(A, y, picture):
    """Ten images and the losses of their students, while the reader distills them from the real images A of digits y.

    The rows of A have 64 grey values, which are sixteenths from 0 to 1; y are the digits. The picture has the images
    that the live figure begins with, and where they lead.
    """
    letters = (ord("a") + np.rint(16 * A)).astype(np.uint8)
    images = " ".join(letters[y == digit].tobytes().decode("ascii") for digit in range(10))
    return Interactive("distillation", picture, images=images)


def _schedules(T):
    """The fewest forward steps to go back through n with c places besides the start, and where the first is given."""
    least, split = np.zeros((T, T + 1), int), np.zeros((T, T + 1), int)
    least[0] = np.arange(T + 1) * (np.arange(T + 1) - 1) // 2
    for places in range(1, T):
        for n in range(2, T + 1):
            j = np.arange(1, n)
            steps = j + least[places, j] + least[places - 1, n - j]
            least[places, n], split[places, n] = steps.min(), j[steps.argmin()]
    return least, split


def _way_back(T, places, split):
    """Forward pieces (from, to, steps back made before), and kept iterates (which, from, until)."""
    pieces, kept, done = [], [(0, 0, T)], 0

    def back(start, n, places):
        nonlocal done
        if n == 1 or places == 0:
            for i in reversed(range(n)):
                pieces.extend([(start, start + i, done)] * (i > 0))
                done += 1
            return
        j, since = split[places, n], done
        pieces.append((start, start + j, since))
        back(start + j, n - j, places - 1)
        kept.append((start + j, since, done))
        back(start, j, places)

    back(0, T, places)
    return pieces, kept


def _bounds(step_sizes, num_steps, D, G):
    """A row for each step size, by one compiled program, for κ = 0.01."""
    bound = jax.vmap(lambda h: gradient_descent_bound(h, 0.01, 1.0, num_steps, D=D, G=G))
    return np.asarray(jax.jit(bound)(step_sizes))
