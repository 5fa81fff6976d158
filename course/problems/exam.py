"""The exam: python course/problems/exam.py FOLDER, for the course that COURSE_SEED names, or the seed 0.

Ninety minutes, sixty points, on paper, without a computer: five statements to judge, and one item each to derive, to
prove, to read off a figure, to count, and to advise. The bank has more items than a paper; the seed draws them, and
their numbers. Writes exam.html and exam-answers.html, to print from a browser. course.toml says which objective each
item examines.
"""

# ruff: noqa: E501
import html
import math
import os
import sys
from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

sys.path.append(str(Path(__file__).parents[2] / "site/ext"))
from book_math import Typesetter  # noqa: E402

import unrolling  # noqa: E402
from unrolling.book import panel, plot  # noqa: E402

jax.config.update("jax_enable_x64", True)

PARTS = {
    "judge": ("True or false? Give the reason in one or two sentences.", 5, 2),
    "derive": ("Derive.", 1, 12),
    "prove": ("Prove.", 1, 12),
    "read": ("Read off.", 1, 10),
    "count": ("Count.", 1, 8),
    "advise": ("Advise.", 1, 8),
}
BANK = {part: {} for part in PARTS}


class Drawn(NamedTuple):
    """A question and its answer, in Markdown, and a figure, if there is one."""

    question: str
    answer: str
    figure: object = None


def item(part):
    """Put a function, which draws a question, into a part of the bank."""

    def keep(function):
        BANK[part][function.__name__] = function
        return function

    return keep


def either(rng, true, false, reason):
    """A statement that is true, or its false counterpart, for the same reason."""
    right = bool(rng.integers(2))
    return Drawn(true if right else false, f"**{'True' if right else 'False'}.** {reason}")


@item("judge")
def judge_limits(rng):
    return either(
        rng,
        "A solver can converge to $x_\\star(\\theta)$ while the derivatives of its iterates converge to something else "
        "than $\\partial x_\\star$.",
        "If the iterates of a program converge to $x_\\star(\\theta)$ for every $\\theta$, their derivatives converge to "
        "$\\partial x_\\star$.",
        "Bisection converges, and the derivative of its iterates is zero: the limit and the derivative exchange only "
        "under a condition, such as steps that contract and are continuously differentiable.",
    )


@item("judge")
def judge_rates(rng):
    return either(
        rng,
        "For gradient descent with a step below $2/L$, the error of the Jacobian divided by the error of the iterate can "
        "grow without bound, although both go to zero.",
        "For gradient descent with a step below $2/L$, the error of the Jacobian is at most a constant times the error "
        "of the iterate, with one constant for all $t$.",
        "The Jacobian's error has the same base with a factor $t$ before it, because each of the $t$ factors of $P_t$ is "
        "differentiated once.",
    )


@item("judge")
def judge_steps(rng):
    return either(
        rng,
        "There are problems on which a smaller step size makes the burn-in longer.",
        "A smaller step size always makes the burn-in shorter, because nothing overshoots.",
        "If $G$ is large, as for ridge regression from a fixed start far from zero, the slow modes make the burn-in, and a smaller "
        "step makes them slower. Overshoot is the other case, $G$ small.",
    )


@item("judge")
def judge_conditioning(rng):
    return either(
        rng,
        "With $G = 0$ and the step $1.9/L$, the height of the peak in the worst case does not depend on the condition "
        "number, once that is large.",
        "With $G = 0$ and the step $1.9/L$, a condition number that is ten times larger makes the peak about ten times "
        "higher in the worst case.",
        "The term with $D$ rises at the largest eigenvalue, where $hL = 1.9$ whatever $\\ell$ is. The condition number "
        "enters through the *optimal* step $2/(L+\\ell)$, which moves towards $2/L$.",
    )


@item("judge")
def judge_starts(rng):
    return either(
        rng,
        "If $x_0$ depends on $\\theta$, the number $G$ contains $H\\,\\partial x_0$.",
        "$G$ is the norm of $\\partial_\\theta \\nabla f(x_0, \\theta)$, with $x_0$ held fixed, also if $x_0$ is computed "
        "from $\\theta$.",
        "$G$ is the norm of the *total* derivative of the first gradient, $\\partial_\\theta \\nabla f + H\\,\\partial x_0$.",
    )


@item("judge")
def judge_modes(rng):
    return either(
        rng,
        "Forward and reverse mode give the same derivative of an unrolled program, but for rounding.",
        "Reverse mode gives a less accurate derivative of an unrolled program, because it runs through the iterations "
        "backwards.",
        "Both multiply the same matrices, in another order. They differ in the number of products and in what is kept.",
    )


@item("judge")
def judge_implicit(rng):
    return either(
        rng,
        "Near $x_\\star$, the error of implicit differentiation at $x$ is at most a constant times the distance of $x$ "
        "from $x_\\star$.",
        "Implicit differentiation is exact, at whatever $x$ the solver stopped.",
        "The theorem holds at $x_\\star$. At another point the matrices are those of that point, and the error is at "
        "most of the first order in the distance.",
    )


@item("judge")
def judge_bounds(rng):
    return either(
        rng,
        "There are problems on which the bound for gradient descent rises a hundredfold and the error does not rise.",
        "If the bound for gradient descent rises a hundredfold, so does the error, because the bound is attained.",
        "The bound is attained by the worst start on the worst problem. Most real ridge regressions from zero have most "
        "of their error in slow modes, and none of it rises.",
    )


@item("judge")
def judge_commutation(rng):
    return either(
        rng,
        "If $\\partial H$ does not commute with $H$, the error of the Jacobian may be positive although $D = G = 0$.",
        "If $D = G = 0$, the Jacobian's error is zero at all $t$, whether or not $\\partial H$ commutes with $H$.",
        "Then $\\partial H\\,[x_t - x_\\star]$ need not vanish on the way: the fast modes arrive first, and what cancels at "
        "the ends does not cancel in between.",
    )


@item("derive")
def derive_scalar(rng):
    n, theta = int(rng.choice([5, 8, 10])), float(rng.choice([0.4, 0.5]))
    h, x0 = 1 / (n * theta), int(rng.integers(2, 5))
    height = h * n * (1 - 1 / n) ** (n - 1) * x0
    return Drawn(
        f"Let $f(x, \\theta) = \\theta x^2/2$, $\\theta = {theta:g}$, and gradient descent with the step $h = {h:g}$ from "
        f"$x_0 = {x0}$, which does not depend on $\\theta$. (a) Write $x_t$ and $\\partial x_t$ in closed form. (b) Write "
        "the recurrence that a program would use for $\\partial x_t$ and show that your formula satisfies it. (c) At which "
        "$t$ is the error of the Jacobian largest? Leave the height as a product.",
        f"(a) With $\\rho = 1 - h\\theta = {1 - 1 / n:g}$: $x_t = \\rho^t x_0$ and $\\partial x_t = -h\\,t\\,\\rho^{{t-1}} x_0$. "
        "*4 points.* (b) $\\partial x_{t+1} = (1 - h\\theta)\\,\\partial x_t - h x_t$, with the explicit term $-h x_t$; "
        "$\\rho \\cdot (-h t \\rho^{t-1}) - h \\rho^t = -h (t+1) \\rho^t$. *4 points, 1 without the explicit term.* (c) "
        f"$\\partial x_\\star = 0$, so the error is $h t \\rho^{{t-1}} x_0$. It grows while $t < \\rho/(1-\\rho) = {n - 1}$, so it "
        f"is largest at $t = {n - 1}$ and, equal, at ${n}$: ${h:g} \\cdot {n} \\cdot {1 - 1 / n:g}^{{{n - 1}}} \\cdot {x0} = "
        f"{height:.3g}$. *4 points; 1 for $1/\\theta$.*",
    )


@item("derive")
def derive_implicit(rng):
    a, b = (int(it) for it in rng.integers(2, 6, 2))
    return Drawn(
        f"Let $f(x, \\theta) = \\tfrac12 x_1^2 + {a}\\,x_1 x_2 + \\tfrac\\theta2 x_2^2 - {b}\\,x_1$. (a) For which $\\theta$ does "
        "$f$ have exactly one minimizer? (b) Find $\\partial x_\\star$ there by the implicit function theorem, without "
        "differentiating a formula for $x_\\star$. (c) What happens to it as $\\theta$ approaches the boundary of (a)?",
        f"(a) $H = \\begin{{pmatrix}} 1 & {a} \\\\ {a} & \\theta \\end{{pmatrix}}$ is positive definite if and only if "
        f"$\\theta > {a**2}$; at and below this there is none. *3 points.* (b) $x_\\star$ solves $x_1 + {a}x_2 = {b}$, "
        f"${a}x_1 + \\theta x_2 = 0$, so $x_{{\\star 2}} = -{a * b}/(\\theta - {a**2})$. The derivative of the gradient in "
        f"$\\theta$ is $(0, x_{{\\star 2}})$, so $\\partial x_\\star = -H^{{-1}} (0, x_{{\\star 2}}) = \\frac{{x_{{\\star 2}}}}"
        f"{{\\theta - {a**2}}} ({a}, -1) = \\frac{{{a * b}}}{{(\\theta - {a**2})^2}} (-{a}, 1)$. *6 points.* (c) It grows like "
        "the inverse square of the distance, as $H$ becomes singular; beyond, the stationary point is a saddle, and no minimizer. *3 points.*",
    )


@item("derive")
def derive_polynomial(rng):
    h, m = float(rng.choice([0.5, 0.8])), float(rng.choice([0.2, 0.4]))
    slope0 = -(2 + m) * h
    return Drawn(
        f"Momentum: $x_{{t+1}} = x_t - h \\nabla f(x_t) + m\\,(x_t - x_{{t-1}})$, $x_{{-1}} = x_0$, with $h = {h:g}$ and "
        f"$m = {m:g}$. (a) Find $P_1$ and $P_2$, by running the method on $f(x) = \\lambda x^2/2$ from $x_0 = 1$. (b) Find "
        "$P_2'(0)$. (c) How does a program get $P_t'(\\lambda)$ without a formula for $P_t$, at the price of about one more run?",
        f"(a) $P_1 = 1 - {h:g}\\lambda$; $P_2 = P_1 - h\\lambda P_1 + m (P_1 - 1) = (1 - {h:g}\\lambda)^2 - {m * h:g}\\lambda$. "
        f"*6 points.* (b) $-2h - mh = {slope0:g}$. *3 points.* (c) One derivative in forward mode of the run, with respect "
        "to $\\lambda$, in the direction 1. *3 points.*",
    )


@item("prove")
def prove_slow_term(rng):
    return Drawn(
        "For one mode, with $u = h\\lambda$, $0 < u < 1$, and $D = 0$, the error of the Jacobian after $t$ steps of gradient "
        "descent is $E_t = h\\,t\\,(1-u)^{t-1} G$. (a) Prove that $E_{t+1} > E_t$ if and only if $t < 1/u - 1$. (b) Prove "
        "that $E_t \\le G/\\lambda$ for all $t$. (A coin shows heads with probability $u$; how likely is exactly one head in $t$ "
        "throws?) (c) What do (a) and (b) say about half the step?",
        "(a) $E_{t+1}/E_t = (t+1)(1-u)/t > 1$ means $(t+1)(1-u) > t$, that is $1 - u > tu$. *5 points.* (b) $E_t = "
        "\\frac{G}{\\lambda}\\, t\\,u\\,(1-u)^{t-1}$, and $t\\,u\\,(1-u)^{t-1}$ is that probability, at most 1. *5 points.* (c) It "
        "rises about twice as long, and what bounds the height is the same. *2 points.*",
    )


@item("prove")
def prove_short_step(rng):
    return Drawn(
        "Let $P$ be a residual polynomial, $Q(\\lambda) = (1 - \\lambda/L)\\,P(\\lambda)$ that of the same method after one step "
        "$1/L$, $E_{P} = P - \\lambda P'$ and $E_Q = Q - \\lambda Q'$. (a) Prove $E_Q = (1 - \\lambda/L)\\,E_{P} + (\\lambda/L)\\,P$. (b) "
        "Conclude that $\\lvert E_Q(\\lambda) \\rvert \\le \\max(\\lvert E_{P}(\\lambda) \\rvert, \\lvert P(\\lambda) \\rvert)$ on $[0, L]$. "
        "(c) What does (a) say at $\\lambda = L$ and for small $\\lambda$, in words?",
        "(a) $Q' = -P/L + (1 - \\lambda/L) P'$, so $Q - \\lambda Q' = (1 - \\lambda/L)(P - \\lambda P') + (\\lambda/L) P$. *4 points.* "
        "(b) On $[0, L]$ this is a mean of $E_{P}$ and $P$ with weights that are not negative and have the sum 1. *4 points.* (c) At "
        "$L$ the Jacobian's factor is the iterate's own, the rise through overshoot is gone; for small $\\lambda$ nothing "
        "changes, a short step does nothing for slow modes. *4 points.*",
    )


@item("read")
def read_burn_in(rng):
    kappa = float(rng.choice([0.04, 0.05]))
    T = 300
    curves = {
        "A": unrolling.gradient_descent_bound(2 / (1 + kappa), kappa, 1.0, T, D=1.0, G=0.0),
        "B": unrolling.gradient_descent_bound(2**0.5, kappa, 1.0, T, D=1.0, G=0.0),
        "C": unrolling.gradient_descent_bound(0.5, kappa, 1.0, T, D=1.0, G=1.0),
    }
    found = {name: unrolling.burn_in(it) for name, it in curves.items()}
    figure = plot(panel("Worst case of the Jacobian’s error", curves, ylabel="error / start", floor=1e-3))
    return Drawn(
        "The figure has the worst case of the Jacobian's error for gradient descent on quadratics with $L = 1$: two step "
        "sizes with $G = 0$, and one with $D = G = 1$. (a) Read peak, height and end of the burn-in off A and C. (b) "
        "Which of the three has $G > 0$, and how can one see it? (c) A has the step $2/(L + \\ell)$, and its "
        "peak is where $t = 2(u-1)/(u(2-u))$ with $u = h L$. Find $\\ell$. (d) What is known of the step of B?",
        f"(a) A: {found['A'].peak}, {found['A'].height:.2g}, {found['A'].end}; C: {found['C'].peak}, {found['C'].height:.2g}, "
        f"{found['C'].end}; to what a ruler can do. *3 points.* (b) C. With $G = 0$ the error after one step is what it was at the start; C is above it there, and "
        "stays up for long: a slow mode. *3 points.* (c) "
        f"$u = 2/(1 + \\ell)$ gives $u - 1 = (1-\\ell)/(1+\\ell)$, $2 - u = 2\\ell/(1+\\ell)$, so $t = (1 - \\ell^2)/(2\\ell) \\approx "
        f"1/(2\\ell)$: $\\ell \\approx {kappa:g}$. *3 points.* (d) It never rises, so $h \\le \\sqrt 2 / L$; by its slope at the end, close to that. *1 point.*",
        figure,
    )


@item("read")
def read_polynomials(rng):
    t, ell = int(rng.choice([4, 5])), float(rng.choice([0.05, 0.1]))
    lam = np.linspace(0, 1.1, 111)
    methods = {"A": unrolling.chebyshev(ell, 1.0), "B": unrolling.gradient_descent(2 / (1 + ell))}
    values = {name: np.asarray(unrolling.residual_polynomials(it, lam, t).values[t]) for name, it in methods.items()}
    curves = {name: (lam, it) for name, it in values.items()}
    figure = plot(panel("Two residual polynomials", curves, ylabel="P", xlabel="λ", log=""))
    sigma = (1 + ell) / (1 - ell)
    worst = 1 / math.cosh(t * math.acosh(sigma))
    return Drawn(
        f"Two residual polynomials of the same degree, of methods for the interval $[{ell:g}, 1]$. (a) Which is gradient "
        "descent's, which Chebyshev's? Give two features. (b) What is the degree? (c) Read the worst case of each over the "
        "interval. (d) Why can no polynomial of this degree with $P(0) = 1$ have a smaller worst case than the better one?",
        f"(a) A is Chebyshev's: it oscillates between two equal heights; B has one root, $t$-fold, at the middle of the "
        f"interval. *3 points.* (b) {t}, the number of roots of A in the interval. *2 points.* (c) A: {worst:.2g}; B: "
        f"{((1 - ell) / (1 + ell)) ** t:.2g}, at both ends. *2 points.* (d) Another one with a smaller worst case would cross it "
        f"between its {t + 1} extrema, {t} times, and once more at 0: the difference, of degree {t}, would have {t + 1} roots. "
        "*3 points.*",
        figure,
    )


@item("count")
def count_modes(rng):
    d, p, T = int(rng.choice([1000, 5000])), int(rng.choice([3, 10])), int(rng.choice([100, 400]))
    root = math.isqrt(T)
    return Drawn(
        f"$T = {T}$ steps of gradient descent with $d = {d}$ weights and $p = {p}$ hyperparameters; one product with the "
        "Hessian costs about as much as two gradients. Count gradients and products with the Hessian, and vectors of length "
        "$d$ kept at one time, for (a) the whole Jacobian $\\partial x_T$ in forward mode, (b) the hypergradient of one outer "
        "loss in reverse mode, (c) the same with checkpoints at every $\\sqrt T$-th step. (d) For the hypergradient of (b), from which $p$ on is reverse mode cheaper than forward mode?",
        f"(a) {T} gradients and ${T} \\cdot {p} = {T * p}$ products; ${p} + 1 = {p + 1}$ vectors. *2 points.* (b) {T} gradients, "
        f"{T} products, {T} iterates kept. *2 points.* (c) Another {T} gradients, about; $2\\sqrt T = {2 * root}$ vectors. "
        "*2 points.* (d) From two on, if memory is no matter: $p$ products a step against one. *2 points.*",
    )


@item("count")
def count_implicit(rng):
    T, k = int(rng.choice([200, 500])), int(rng.choice([20, 40]))
    return Drawn(
        f"A hypergradient by unrolling {T} gradient steps in reverse mode, or implicitly at the same $x_{{{T}}}$ by {k} steps of "
        "conjugate gradients. (a) Count gradients, products with the Hessian and vectors kept, for each. (b) What must "
        "happen before implicit is the worse choice? Name two things. (c) What do both have in common when the "
        "budget is cut to a tenth?",
        f"(a) Unrolled: {T} gradients, {T} products, {T} vectors. Implicit: {T} gradients, {k} products, about five "
        f"vectors. *4 points.* (b) Two of: {k} steps do not solve an ill-conditioned system; the Hessian at $x_{{{T}}}$ is singular or indefinite; $x_{{{T}}}$ is not near a "
        "solution, and the derivative of the program is what is wanted; the objective has kinks at the solution; products "
        "with the Hessian are not to be had. *2 points.* (c) $x_T$ itself is far away, so both are wrong by what the "
        "distance makes. *2 points.*",
    )


@item("advise")
def advise_burn_in(rng):
    T, kappa = int(rng.choice([60, 100])), float(rng.choice([1e-3, 1e-4]))
    return Drawn(
        f"A colleague unrolls $T = {T}$ steps with $h = 1.99/L$ on a ridge regression with $\\ell/L = {kappa:g}$, from "
        "$x_0 = 0$; the hypergradient changes its sign from one $T$ to the next. (a) What is the likely reason, and what "
        "would you look at to confirm it? (b) Give two remedies of different kinds, with their price. (c) Which of your "
        "remedies would not help if the start were far away, the slow modes not yet learned, and the sign constant but wrong?",
        "(a) Overshoot at $L$: a factor $(1 - hL)^{t} = (-0.99)^t$ with $t$ before it. Look at the error, or the Jacobian, "
        "along the eigenvector of the largest eigenvalue, or run once with $1/L$. *3 points.* (b) Two of: one short step "
        "$1/L$ (one step of the rate); a step of at most $\\sqrt2/L$ (1.4 times the steps); not to differentiate the first "
        "steps (a warm start, one choice more); implicit differentiation with conjugate gradients (a linear system). "
        "*4 points.* (c) All that leave $x_T$ where it is: the short step, $\\sqrt2/L$, and implicit at the same $x_T$, whose error is that of the distance. A better $x_T$ helps, by more steps or a faster solver; a late start in part. *1 point.*",
    )


@item("advise")
def advise_choice(rng):
    d = int(rng.choice([10**5, 10**6]))
    return Drawn(
        f"Inner problem: weights of a network with {d} parameters, trained for 2000 steps of stochastic gradients, not to "
        "convergence; outer variables: 50 weights of the training examples' groups; 16 GB of memory, of which 4 bytes "
        "a parameter. (a) Implicit or unrolled? What does each assume? (b) Forward or reverse mode, and how many steps? "
        "Show by counting that it fits. (c) How would you find out, cheaply, whether the hypergradient is of use?",
        "(a) Implicit assumes a stationary point and an invertible Hessian; there is no stationary point, and nobody vouches for the Hessian; unrolled differentiates what "
        "is run. *3 points.* (b) Reverse, as 50 columns forward would need 50 products a step; all 2000 states take "
        f"${2000 * 4 * d / 1e9:g}$ GB, with checkpoints $2\\sqrt{{2000}} \\approx 90$ states, ${90 * 4 * d / 1e9:.2g}$ GB; or truncated to "
        "the last $K$ steps, which is biased. *3 points.* (c) Compare with finite differences of the same run in one random "
        "direction, several seeds; compare with a rule that uses no hypergradient; see whether the outer loss on fresh "
        "data falls. *2 points.*",
    )


def paper(seed):
    """The items of the paper, by part, drawn with their numbers."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for part, (_, count, _) in PARTS.items():
        chosen = rng.choice(list(BANK[part]), count, replace=False)
        drawn[part] = [BANK[part][name](rng) for name in chosen]
    return drawn


def typeset(text):
    """HTML of a text in Markdown, with its formulas as MathML, which needs no styles."""

    def formula(tokens, i, *_):
        return str(BeautifulSoup(Typesetter.html(tokens[i].content, False), "html.parser").math)

    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
    markdown.renderer.rules["math_inline"] = formula
    return markdown.render(text)


STYLE = """
body { font: 12pt/1.45 "Source Serif 4", Georgia, "DejaVu Serif", serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
h2 { font-size: 1.1em; margin: 1.6em 0 0.4em; } h2 span { float: right; font-weight: 400; }
li { margin: 0.6em 0; } svg { display: block; width: 70%; height: auto; margin: 0.8em 0; }
.answer { border-left: 3px solid #999; padding-left: 0.8em; }
section { break-inside: avoid; }
"""


def document(seed, answers):
    total = sum(count * points for _, count, points in PARTS.values())
    parts = []
    for part, drawn in paper(seed).items():
        said, count, points = PARTS[part]
        rows = ""
        for it in drawn:
            figure = (
                it.figure.svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(it.figure.alt)}" ', 1)
                if it.figure
                else ""
            )
            answer = f'<div class="answer">{typeset(it.answer)}</div>' if answers else ""
            rows += f"<li>{typeset(it.question)}{figure}{answer}</li>"
        each = f"{count} × {points}" if count > 1 else f"{points}"
        parts.append(f"<section><h2>{said} <span>{each} points</span></h2><ol>{rows}</ol></section>")
    title = "Exam: the cost of differentiating through optimization"
    head = f"<p>90 minutes, {total} points, on paper. A sheet of notes is allowed, a computer is not.</p>"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body><h1>{title}{', with answers' if answers else ''}</h1>{head}{''.join(parts)}</body></html>\n"
    )


if __name__ == "__main__":
    folder, seed = Path(sys.argv[1]), int(os.environ.get("COURSE_SEED", 0))
    folder.mkdir(parents=True, exist_ok=True)
    for name, answers in (("exam", False), ("exam-answers", True)):
        (folder / f"{name}.html").write_text(document(seed, answers), "utf-8")
    print(f"{sum(map(len, BANK.values()))} items, a paper for the seed {seed} in {folder}")
