"""The book's interactive figures: formulas that the reader's browser evaluates, with sliders for their parameters.

The data of a figure are a sequence of numbers and formulas in them; it needs no kernel and no table. Next to the live
chart stands a still picture of the sliders' first positions, whose values are the library's own.

>>> print(step_sizes().picture.alt[:63])
Step sizes at κ = 0.01: iterations (log scale) against hL. term

Throughout L = 1, so that κ = ℓ and h = hL. With s = cos(a), the Chebyshev polynomial is T_t(s) = cos(ta), and its
derivative is t sin(ta) / sin(a).
"""

import altair as alt
import jax
import numpy as np

from unrolling import burn_in, gradient_descent, gradient_descent_bound, residual_polynomials
from unrolling.book import _vega as live
from unrolling.book.figures import COLORS, panel, plot

METHODS = ["gradient descent, h = 1/L", "gradient descent, h = 2/(L + ℓ)", "Chebyshev"]

# L = 1; one over T_t(s_0), with xi as in `bounds.chebyshev_bound`
XI = "(1 - sqrt(kappa)) / (1 + sqrt(kappa))"
DECREASE = "2 * pow(xi, t) / (1 + pow(xi, 2 * t))"
# P_t(lam) and lam P_t'(lam). The angle is taken from the nearer end of [-1, 1], where T_t is even or odd.
POLYNOMIALS = {
    "s": "clamp((1 + kappa - 2 * lam) / (1 - kappa), -1, 1)",
    "a": "acos(abs(s))",
    "slope": "t * (a < 1e-7 ? t : sin(t * a) / sin(a)) * (s < 0 ? pow(-1, t + 1) : 1)",
    "P": f"cheb ? cos(t * a) * (s < 0 ? pow(-1, t) : 1) * {DECREASE} : pow(1 - h * lam, t)",
    "Q": f"lam * (cheb ? -2 / (1 - kappa) * slope * {DECREASE} : -h * t * pow(1 - h * lam, max(t - 1, 0)))",
}


def explorer():
    """The bounds on the errors of the iterates and of their Jacobian against t, for any κ, h, D and G."""
    labels = {"iterates": "‖xₜ − x⋆‖", "jacobian": "‖∂xₜ − ∂x⋆‖"}
    chebyshev = f"{DECREASE} * (abs(2 * t * t / (1 - kappa) - 1) * D + 2 * t * t / (1 - kappa) * G)"
    # As in unrolling.bounds, with a and c of the modes at ell and L.
    rows = {
        "a_ell": "pow(1 - h * kappa, t - 1) * (1 + (t - 1) * h * kappa) * D",
        "a_L": "pow(abs(1 - h), t - 1) * (1 + (t - 1) * h) * D",
        "c_ell": "pow(1 - h * kappa, t - 1) * h * t * G",
        "c_L": "pow(abs(1 - h), t - 1) * h * t * G",
        "w": "1 / (1 - (pow(c_ell, 2) - pow(c_L, 2)) / (pow(a_ell, 2) - pow(a_L, 2)))",
        "two": "(w - a_ell / (a_ell + c_ell)) * (w - a_L / (a_L + c_L)) < 0",
        "one_mode": "max(a_ell + c_ell, a_L + c_L)",
        "descent": "two ? sqrt(pow(a_ell, 2) / w + pow(c_ell, 2) / (1 - w)) : one_mode",
        "iterates": f"cheb ? {DECREASE} : pow(rho, t)",
        "jacobian": f"t == 0 ? D : cheb ? {chebyshev} : descent",
    }
    params = [
        live.choice("method", "method", ["gradient descent", "Chebyshev"]),
        live.slider("log_kappa", "log₁₀ κ", -3, -0.3, 0.05, -2),
        live.slider("h", "step size hL", 0.05, 1.99, 0.01, 1.98),
        live.slider("D", "D = ‖∂x₀ − ∂x⋆‖", 0, 2, 0.1, 1),
        live.slider("G", "G", 0, 1, 0.05, 0),
        *live.formulas(kappa="pow(10, log_kappa)", xi=XI, cheb="method == 'Chebyshev'"),
        *live.formulas(rho="max(1 - h * kappa, abs(1 - h))"),
        *live.formulas(T="min(5000, ceil(cheb ? 10 / sqrt(kappa) : 5 / kappa))"),
    ]
    base = live.table(alt.sequence(0, 5001, as_="t"), "datum.t <= T", rows)
    summary = live.calculate(
        base.transform_joinaggregate(top="max(jacobian)"),
        {"at": "jacobian >= (1 - 1e-9) * top ? t : T", "above": "jacobian > (1 + 1e-9) * D ? t + 1 : 0"},
        ["t", "jacobian", "top"],
    ).transform_aggregate(top="max(top)", peak="min(at)", burn_in="max(above)")
    top = "datum.peak == 0 ? 'no rise' : 'peak ' + format(datum.top, '.3~g') + ' at t = ' + datum.peak"
    lasting = "D == 0 ? 'start exact: no way back' : datum.burn_in > T ? 'burn-in not over at t = ' + T : "
    lasting += "datum.burn_in == 0 ? 'no burn-in' : 'burn-in ' + datum.burn_in + ' iterations'"
    # What is not there stands, unseen, at zero.
    places = {"end": "D > 0 && burn_in <= T ? burn_in : 0", "high": "top > 0 ? top : 1"}
    summary = live.calculate(summary, places, ["burn_in", "top"])
    low = alt.expr("height - 8")
    chart = alt.layer(
        live.rule(summary, "peak"),
        live.rule(summary, "end"),
        live.lines(base, "t", labels, x="iteration t", y="worst-case error", scale="log", floor=1e-9),
        summary.mark_point(size=90, color=COLORS[1], filled=True, opacity=live.seen("peak")).encode(
            x="peak:Q", y="high:Q"
        ),
        live.text(summary, "'peak'", "peak", low),
        live.text(summary, "'burn-in ends'", "end", low),
        live.summary(summary, f"'κ = ' + format(kappa, '.3~g') + ', ' + ({top})", lasting),
    ).add_params(*params)
    t, ell = np.arange(501), 0.01
    (bound,) = _bounds(np.array([1.98]), ell, 500, D=1.0, G=0.0)
    peak, _, end = burn_in(bound)
    curves = {labels["iterates"]: (t, (1 - 1.98 * ell) ** t), labels["jacobian"]: (t, bound)}
    marks = {"peak": peak, "burn-in ends": end}
    title = "Gradient descent, κ = 0.01, h = 1.98/L, D = 1, G = 0"
    return live.Interactive(chart, plot(panel(title, curves, ylabel="worst-case error", marks=marks)))


def polynomials():
    """P_t(λ) and λP_t'(λ) over [ℓ, L], with t as a slider."""
    labels = {"P": "Pₜ(λ)", "Q": "λPₜ′(λ)"}
    swell = "2 / (1 + kappa) * pow(rho, turn - 1) * turn"  # the largest |lam P_t'| over t, at lam = L
    params = [
        live.choice("method", "method", METHODS, METHODS[1]),
        live.slider("t", "iteration t", 0, 60, 1, 5),
        live.slider("log_kappa", "log₁₀ κ", -2, -0.5, 0.05, -1),
        *live.formulas(kappa="pow(10, log_kappa)", xi=XI, **_method()),
        *live.formulas(rho="(1 - kappa) / (1 + kappa)", turn="-1 / log(rho)"),
        *live.formulas(reach=f"1.15 * (cheb ? 0.54 / kappa : h == 1 ? 1 : {swell})"),
    ]
    lam = {"lam": "(1 + kappa) / 2 - (1 - kappa) / 2 * cos(PI * k / 240)"}
    base = live.table(alt.sequence(0, 241, as_="k"), None, lam | POLYNOMIALS)
    largest = live.calculate(base, {"p": "abs(P)", "q": "abs(Q)"}, ["P", "Q"])
    largest = largest.transform_aggregate(p="max(p)", q="max(q)")
    say = [f"'largest |{labels[k]}|: ' + format(datum.{k.lower()}, '.3~g')" for k in labels]
    chart = alt.layer(
        live.lines(base, "lam", labels, x="eigenvalue λ", y="value", domain=(alt.expr("-reach"), alt.expr("reach"))),
        live.summary(largest, "'κ = ' + format(kappa, '.3~g') + ', t = ' + t + '; ' + " + say[0], say[1]),
    ).add_params(*params)
    grid = 0.55 - 0.45 * np.cos(np.pi * np.arange(241) / 240)
    P, dP = residual_polynomials(gradient_descent(2 / 1.1), grid, 5)
    curves = {labels["P"]: (grid, P[5]), labels["Q"]: (grid, grid * dP[5])}
    picture = plot(panel(f"{METHODS[1]}, t = 5, κ = 0.1", curves, ylabel="value", xlabel="eigenvalue λ", log=""))
    return live.Interactive(chart, picture)


def spectrum_of_error():
    """Each eigenvalue's part of the squared errors, from a warm start to a far one.

    On f(x, θ) = Σ ((λ_i + θ) x_i^2 / 2 - λ_i^2 x_i) at θ = 0, with 200 eigenvalues λ_i = x*_i evenly in [0.01, 1], and
    from x_0 = (1 - s) x*, mode i has the Jacobian error P_t(λ_i) - s λ_i P_t'(λ_i).
    """
    labels = {"iterates": "iterates: Pₜ(λ)²", "jacobian": "Jacobian: (Pₜ(λ) − s λPₜ′(λ))²"}
    params = [
        live.choice("method", "method", METHODS, METHODS[1]),
        live.slider("t", "iteration t", 0, 200, 1, 20),
        live.slider("start", "start s: 0 warm, 5 far", 0, 5, 0.1, 3),
        *live.formulas(kappa="0.01", xi=XI, **_method()),
    ]
    rows = {"lam": "kappa + (1 - kappa) * k / 199", **POLYNOMIALS}
    rows |= {"jacobian": "pow(P - start * Q, 2)", "iterates": "pow(P, 2)"}
    base = live.table(alt.sequence(0, 200, as_="k"), None, rows)
    means = base.transform_aggregate(jacobian="mean(jacobian)", iterates="mean(iterates)")
    say = [
        f"'{word}: ' + format(sqrt(datum.{key}), '.3~g')"
        for word, key in zip(["iterates", "Jacobian"], labels, strict=True)
    ]
    title = "'error / start at t = ' + t + ', all modes together:'"
    y = {"y": "squared error / start", "scale": "log", "domain": (1e-6, 1e5)}
    chart = alt.layer(
        live.lines(base, "lam", labels, x="eigenvalue λ", points=True, **y),
        live.summary(means, title, " + ', ' + ".join(say)),
    ).add_params(*params)
    lam = np.linspace(0.01, 1, 200)
    P, dP = residual_polynomials(gradient_descent(2 / 1.01), lam, 20)
    parts = P[20] ** 2, (P[20] - 3 * lam * dP[20]) ** 2
    curves = {labels[key]: (lam, part) for key, part in zip(labels, parts, strict=True)}
    title = f"{METHODS[1]}, t = 20, s = 3"
    content = panel(title, curves, ylabel="squared error / start", xlabel="eigenvalue λ", floor=1e-6)
    return live.Interactive(chart, plot(content))


def step_sizes():
    """Peak, burn-in and final rate of gradient descent against its step size."""
    labels = {"burn_in": "term with D: burn-in", "D_peak": "term with D: peak", "G_peak": "term with G: peak"}
    labels |= {"digit": "one more digit, in the end"}
    newton = "r - (log(1 + h * r) - q * r) / (h / (1 + h * r) - q)"  # for (h - 1)^r (1 + hr) = 1, from above
    rows = {
        "h": "k / 100",
        "rho": "max(1 - h * kappa, abs(1 - h))",
        "q": "-log(h - 1)",
        "e": "q / h - log(q / h) - 1",
        "r": "((1 + sqrt(2 * e) + e) * h / q - 1) / h",
    }
    results = {
        "burn_in": "h > SQRT2 ? ceil((1 + r) * (1 - 1e-9)) : null",
        "D_peak": "h > SQRT2 ? ceil(2 * (h - 1) / (h * (2 - h)) - 1e-9) : null",
        "G_peak": "ceil(rho / (1 - rho) * (1 - 1e-9))",
        "digit": "-LN10 / log(rho)",
    }
    base = live.table(alt.sequence(1, 200, as_="k"), None, rows)
    for _ in range(5):
        base = live.calculate(base, {"r": newton}, ["h", "q", "r"])
    base = live.calculate(base, results, ["h", "r", "rho"])
    params = [
        live.slider("log_kappa", "log₁₀ κ", -4, -0.3, 0.05, -2),
        live.slider("step", "read off at hL", 0.01, 1.99, 0.01, 1.7),
        *live.formulas(kappa="pow(10, log_kappa)", best="2 / (1 + kappa)"),
    ]
    here = base.transform_filter("datum.k == round(100 * step)")
    first = "'κ = ' + format(kappa, '.3~g') + ', h = ' + format(step, '.2f') + '/L: one digit takes ' "
    first += "+ format(datum.digit, '.3~s')"
    second = "'D: ' + (datum.burn_in ? 'peak ' + datum.D_peak + ', burn-in ' + datum.burn_in : 'no rise') "
    second += "+ '; G: peak ' + datum.G_peak"
    places = alt.Chart(alt.sequence(0, 1)).transform_calculate(safe="SQRT2", best="best")
    chart = alt.layer(
        live.rule(places, "safe"),
        live.rule(places, "best"),
        live.lines(base, "h", labels, x="step size hL", y="iterations", scale="log", domain=(1, alt.Undefined)),
        live.text(places, "'√2/L'", "safe"),
        live.text(places, "'2/(L+ℓ)'", "best"),
        here.mark_rule(strokeWidth=1.5, color="currentColor").encode(x="h:Q"),
        live.summary(here, first, second),
    ).add_params(*params)
    return live.Interactive(chart, _still_step_sizes(labels))


def _bounds(step_sizes, ell, num_steps, D, G):
    """A row for each step size, by one compiled program."""
    bound = jax.vmap(lambda h: gradient_descent_bound(h, ell, 1.0, num_steps, D=D, G=G))
    return np.asarray(jax.jit(bound)(step_sizes))


def _still_step_sizes(labels):
    h, T = np.arange(5, 200) / 100, 4000
    curves = {label: (h, np.full(h.shape, np.nan)) for label in labels.values()}
    with_D, with_G = _bounds(h, 0.01, T, D=1.0, G=0.0), _bounds(h, 0.01, T, D=0.0, G=1.0)
    for i, step in enumerate(h):
        D, G = burn_in(with_D[i]), burn_in(with_G[i, 1:])
        digit = -np.log(10) / np.log(max(1 - step * 0.01, abs(1 - step)))
        values = [D.end or np.nan, D.peak or np.nan, G.peak + 1, digit]
        for label, value in zip(labels.values(), values, strict=True):
            curves[label][1][i] = value
    marks = {"√2/L": 2**0.5, "2/(L+ℓ)": 2 / 1.01}
    return plot(panel("Step sizes at κ = 0.01", curves, ylabel="iterations", xlabel="hL", marks=marks))


def _method():
    return {"cheb": "method == 'Chebyshev'", "h": f"method == '{METHODS[0]}' ? 1 : 2 / (1 + kappa)"}
