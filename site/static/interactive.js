// The book's interactive figures. L = 1 and kappa = l/L; what is worst is taken over the points of residual.grid.
"use strict";

(() => {
  const { Plot, linear, log, bothSigns, decades, slider, choice, toggle, three, watch } = plots;

  const STEP_SIZES = { "gradient-1": () => 1, "gradient-sqrt2": () => Math.SQRT2, "gradient-2": (kappa) => 2 / (1 + kappa) };
  const method = choice("method", "Method", residual.TITLES);
  const shortStep = toggle("shortStep", "one step of length 1/L first");
  const whole = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const kappas = (from, to) =>
    Array.from({ length: Math.round((to - from) * 20) + 1 }, (_, i) => Number((10 ** (from + i / 20)).toPrecision(2)));
  const title = ({ method, shortStep }) => {
    const name = residual.TITLES[method];
    return shortStep ? `1/L once, then ${name}` : name[0].toUpperCase() + name.slice(1);
  };

  // The field (see residual.js) after t steps, for any t. Gradient descent has a formula; the other methods are run once.
  const fields = (options, lam) => {
    const n = lam.length;
    const known = [residual.start(lam)];
    if (options.method in STEP_SIZES) {
      const h = STEP_SIZES[options.method](options.kappa);
      const powers = (t) => {
        const field = new Float64Array(2 * n);
        const s = options.shortStep ? t - 1 : t;
        for (let i = 0; i < n; i++) {
          const factor = 1 - h * lam[i];
          const power = factor ** (s - 1);
          const [P, dP] = s > 0 ? [power * factor, -h * s * power] : [1, 0];
          field[i] = options.shortStep ? (1 - lam[i]) * P : P;
          field[n + i] = options.shortStep ? (1 - lam[i]) * dP - P : dP;
        }
        return field;
      };
      return latest((t) => (t === 0 ? known[0] : powers(t)));
    }
    const step = residual.steps(options)(lam, known[0]);
    return (t) => {
      while (known.length <= t) known.push(step());
      return known[t];
    };
  };

  // A method at one kappa: its polynomials on [0, 1], and the worst errors at any t, as in unrolling.worst_case with D = 1.
  // From where P and P' are below 1e-9 on [l, L], nothing more is computed: errors are below the picture, and after 300
  // steps P differs from 0 within two pixels only.
  const study = (options) => {
    const band = residual.grid(options.kappa);
    const below = Float64Array.from({ length: 48 }, (_, i) => (options.kappa * i) / 48);
    const lam = Float64Array.of(...below, ...band);
    const [m, n] = [below.length, band.length];
    const field = fields(options, lam);
    const [a, c] = [new Float64Array(n), new Float64Array(n)];
    let [known, knownG, small] = [new Map(), 0, Infinity];

    const polynomial = (t) => {
      const now = field(Math.min(t, Math.max(small, 300)));
      return { lam, P: now.subarray(0, m + n), dP: now.subarray(m + n) };
    };
    const errors = (t, G) => {
      if (G !== knownG) [known, knownG] = [new Map(), G];
      t = Math.min(t, small);
      if (!known.has(t)) {
        const { P, dP } = polynomial(t);
        let [x, slope] = [0, 0];
        for (let i = 0; i < n; i++) {
          x = Math.max(x, Math.abs(P[m + i]));
          slope = Math.max(slope, Math.abs(dP[m + i]));
          a[i] = Math.abs(P[m + i] - band[i] * dP[m + i]);
          c[i] = G * Math.abs(dP[m + i]);
        }
        if (x < 1e-9 && slope < 1e-9) small = t;
        known.set(t, { x, jacobian: G === 0 ? residual.maximum(a) : residual.largest(a, c) });
      }
      return known.get(t);
    };
    // The point of [l, L] whose tangent has the largest value at 0.
    const tangent = (t) => {
      const { P, dP } = polynomial(t);
      let [worst, at] = [-1, m];
      for (let i = m; i < m + n; i++) {
        const size = Math.abs(P[i] - lam[i] * dP[i]);
        if (size > worst * (1 + 1e-12)) [worst, at] = [size, i];
      }
      return { lam: lam[at], value: P[at], slope: dP[at], atZero: P[at] - lam[at] * dP[at] };
    };
    return { polynomial, errors, tangent };
  };

  // What `make` made of the latest options, made anew for others.
  const latest = (make) => {
    let [key, made] = [];
    return (options) => {
      const now = JSON.stringify(options);
      if (now !== key) [key, made] = [now, make(options)];
      return made;
    };
  };

  // The explorer ------------------------------------------------------------------------------------------------------

  const LAST = 10000;
  const TIMES = [
    ...whole(0, 99),
    ...Array.from({ length: 81 }, (_, i) => Math.round(10 ** (2 + i / 40))),
  ];

  // When the Jacobian's error is largest, how large, and from when on it is no larger than at the start; found among
  // TIMES, and then between two of them.
  const riseAndReturn = (error) => {
    const sizes = TIMES.map(error);
    const top = sizes.indexOf(Math.max(...sizes));
    let [low, high] = [TIMES[Math.max(top - 1, 0)], TIMES[Math.min(top + 1, TIMES.length - 1)]];
    while (high - low > 3) {
      const [left, right] = [low + Math.floor((high - low) / 3), high - Math.floor((high - low) / 3)];
      if (error(left) >= (1 - 1e-12) * error(right)) high = right;
      else low = left;
    }
    const height = Math.max(...whole(low, high).map(error));
    const peak = whole(low, high).find((t) => error(t) >= (1 - 1e-9) * height);
    const above = (t) => error(t) > 1 + 1e-9;
    const last = TIMES.findLastIndex(above);
    if (last < 0) return { height, peak, back: 0 };
    if (last === TIMES.length - 1) return { height, peak, back: null };
    let [before, after] = [TIMES[last], TIMES[last + 1]];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (above(middle)) before = middle;
      else after = middle;
    }
    return { height, peak, back: after };
  };

  const explorer = {
    start: { method: "gradient-2", shortStep: false, kappa: 0.01, t: 50, G: 0 },
    controls: [
      method,
      shortStep,
      slider("kappa", "Conditioning κ = ℓ/L", kappas(-3, -0.5)),
      slider("t", "Iteration t", TIMES, (t) => t.toLocaleString("en")),
      slider("G", "Far start: G", whole(0, 20).map((i) => i / 20)),
    ],
    examples: {
      "A long step": {},
      "A safe step": { method: "gradient-sqrt2" },
      "A far start": { method: "gradient-1", G: 1, t: 99 },
      "The fastest method": { method: "chebyshev", t: 10 },
      "One short step": { shortStep: true },
      "A calm method": { method: "sobolev", t: 14 },
    },
    plays: "t",
    make: () => {
      const left = new Plot({
        x: linear(0, 1, [0, [1, "L"]]),
        y: linear(-1.5, 1.5, [-1, 0, 1]),
        xlabel: "eigenvalue λ",
        key: "After t steps: <b class=polynomial>P<sub>t</sub>(λ)</b>, and <b class=derivative>the tangent</b> that is worst for the Jacobian",
      });
      const right = new Plot({
        x: log(0.6, LAST, [0, 1, 10, 100, [1000, "1,000"], [LAST, "10,000"]], 0.6),
        y: log(1e-6, 1e4, decades(-6, 4, 2)),
        xlabel: "iteration t",
        key: "Worst case over all problems: <b class=polynomial>iterate</b>, <b class=derivative>Jacobian</b>; grey: other methods’ Jacobians",
      });
      const studied = latest(study);
      let others = { of: "", curves: [] };

      const drawPolynomial = ({ kappa, t }, of) => {
        const { lam, P } = of.polynomial(t);
        const { lam: at, value, slope, atZero } = of.tangent(t);
        const [x, top] = [left.X(kappa), left.top];
        left.put("band", "rect", { class: "band", x, y: top, width: left.right - x, height: left.bottom - top });
        left.put("ends", "text", { x: left.right - 6, y: left.bottom - 8, "text-anchor": "end", class: "note" }, "[ℓ, L]");
        left.curve("tangent", "derivative thin", [0, 1], [atZero, atZero + slope]);
        left.curve("P", "polynomial", lam, P);
        left.dot("touch", "derivative open", at, value);
        left.dot("pin", "pin", 0, 1);
        left.dot("foot", "derivative", 0, atZero);
        const near = Math.abs(atZero - 1) < 0.35; // one word has room there
        left.word("pinned", "note", left.X(0) + 2, left.Y(1) - 9, near ? "" : "P(0) = 1, always");
        const outside = Math.abs(atZero) > 1.5;
        const y = outside ? (atZero > 0 ? left.top + 13 : left.bottom - 8) : left.Y(atZero) + (atZero > 0 && !near ? 18 : -9);
        const arrow = outside ? (atZero > 0 ? "↑ " : "↓ ") : "";
        left.word("atZero", "derivative", left.X(0) + 2, y, `${arrow}${three(atZero)} at λ = 0`);
      };

      const drawErrors = ({ t, G }, of) => {
        const errors = TIMES.map((it) => of.errors(it, G));
        const { height, peak, back } = riseAndReturn((it) => of.errors(it, G).jacobian);
        const { x, jacobian } = of.errors(t, G);
        const one = right.Y(1);
        right.put("worse", "rect", { class: "worse", x: right.left, y: right.top, width: right.right - right.left, height: one - right.top });
        right.upright("now", "now", t);
        right.curve("x", "polynomial", TIMES, errors.map((it) => it.x));
        right.curve("jacobian", "derivative", TIMES, errors.map((it) => it.jacobian));
        right.dot("peak", "derivative open", peak, back === 0 ? 0 : height);
        right.dot("back", "derivative open", back, back ? 1 : 0);
        right.dot("x now", "polynomial", t, x);
        right.dot("jacobian now", "derivative", t, jacobian);
        const low = Math.min(Math.max(right.Y(x), right.Y(jacobian) + 2) + 18, right.bottom - 6);
        const high = Math.min(right.Y(jacobian) - 10, low - 18);
        const note = { class: "note", x: right.right - 6, y: right.top + 14, "text-anchor": "end" };
        right.put("zone", "text", high > right.top + 30 && note, "worse than not having started");
        right.word("x word", "polynomial", right.X(t), low, `iterate ${size(x)}`, -1);
        right.word("jacobian word", "derivative", right.X(t), high, `Jacobian ${size(jacobian)}`, t < peak ? -1 : 1);
        return { x, jacobian, height, peak, back, errors };
      };

      const size = (value) => (value < 1e-6 ? "< 10⁻⁶" : three(value));
      const say = (state, { x, jacobian, height, peak, back }) => {
        const [now, top, end] = [state.t, peak, back].map((t) => t?.toLocaleString("en"));
        const returns = back === null ? "and is still above its start at t = 10,000" : `and is back from t = ${end} on`;
        const rise = back !== 0 ? `It rises to ${three(height)} at t = ${top} ${returns}.` : "It never rises above its start.";
        return (
          `${title(state)}, κ = ${state.kappa}, G = ${state.G}, t = ${now}: the worst iterate is ${size(x)} times its start, ` +
          `the worst Jacobian ${size(jacobian)} times. ${rise}`
        );
      };

      // The other methods' curves take time: they are drawn one by one, when nothing moves.
      let waiting;
      const methods = Object.keys(residual.TITLES);
      const showOthers = ({ method, kappa, G }) => {
        clearTimeout(waiting);
        if (others.of !== `${kappa} ${G}`) others = { of: `${kappa} ${G}`, curves: {} };
        for (const name of methods) {
          if (name === method || !others.curves[name]) right.put(name, "path", null);
          else right.curve(name, "other", TIMES, others.curves[name]);
        }
      };
      const addOthers = (state) => {
        const name = methods.find((it) => !others.curves[it]);
        if (!name) return;
        const of = study({ ...state, method: name, shortStep: false });
        others.curves[name] = TIMES.map((t) => of.errors(t, state.G).jacobian);
        showOthers(state);
        waiting = setTimeout(addOthers, 20, state);
      };

      const draw = (state) => {
        const of = studied({ method: state.method, shortStep: state.shortStep, kappa: state.kappa });
        showOthers(state);
        const numbers = drawErrors(state, of);
        drawPolynomial(state, of);
        return { said: say(state, numbers), ...numbers, times: TIMES, tangent: of.tangent(state.t) };
      };
      return { plots: [left, right], draw, atRest: addOthers, drag: [[left, "kappa"], [right, "t"]] };
    },
  };

  // P and lambda P' -----------------------------------------------------------------------------------------------------

  const polynomials = {
    start: { method: "gradient-2", shortStep: false, t: 5, kappa: 0.1 },
    controls: [method, shortStep, slider("t", "Iteration t", whole(0, 60)), slider("kappa", "Conditioning κ = ℓ/L", kappas(-2, -0.5))],
    plays: "t",
    make: () => {
      const plot = new Plot({
        x: linear(0, 1, [0, [1, "L"]]),
        y: bothSigns(0.5, -60, 60, [-50, -10, -3, -1, 0, 1, 3, 10, 50]),
        xlabel: "eigenvalue λ",
        key: "<b class=polynomial>P<sub>t</sub>(λ)</b> and <b class=derivative>λP<sub>t</sub>′(λ)</b> on [0, L]; shaded: [ℓ, L]",
      });
      const studied = latest(study);
      const draw = (state) => {
        const { method, shortStep, kappa, t } = state;
        const { lam, P, dP } = studied({ method, shortStep, kappa }).polynomial(t);
        const Q = lam.map((it, i) => it * dP[i]);
        const inBand = (values) => values.filter((_, i) => lam[i] >= kappa);
        const [largestP, largestQ] = [P, Q].map((it) => residual.maximum(inBand(it).map(Math.abs)));
        const x = plot.X(kappa);
        plot.put("band", "rect", { class: "band", x, y: plot.top, width: plot.right - x, height: plot.bottom - plot.top });
        plot.curve("Q", "derivative", lam, Q);
        plot.curve("P", "polynomial", lam, P);
        plot.dot("pin", "pin", 0, 1);
        plot.word("pinned", "note", plot.X(0) + 2, plot.Y(1) - 10, "P(0) = 1, always");
        const [endP, endQ] = [P, Q].map((it) => plot.Y(it.at(-1)));
        const above = endP < endQ ? 1 : -1;
        plot.word("P word", "polynomial", plot.right, endP - 12 * above + 4, "Pₜ(λ)", -1);
        plot.word("Q word", "derivative", plot.right, endQ + 12 * above + 4, "λPₜ′(λ)", -1);
        const said =
          `${title(state)}, κ = ${kappa}, t = ${t}. ` +
          `Largest on [ℓ, L]: |Pₜ| ${three(largestP)}, |λPₜ′| ${three(largestQ)}.`;
        return { said, lam, P, Q, largestP, largestQ };
      };
      return { plots: [plot], draw, drag: [[plot, "kappa"]] };
    },
  };

  // Where the error lives -----------------------------------------------------------------------------------------------

  const MODES = Float64Array.from({ length: 200 }, (_, i) => 0.01 + (0.99 * i) / 199);

  const spectrum_of_error = {
    start: { method: "gradient-2", shortStep: false, t: 20, s: 3 },
    controls: [
      method,
      shortStep,
      slider("t", "Iteration t", whole(0, 200)),
      slider("s", "Start s: 0 warm, 5 far", whole(0, 50).map((i) => i / 10)),
    ],
    plays: "t",
    make: () => {
      const plot = new Plot({
        x: linear(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        y: log(1e-8, 1e5, decades(-8, 4, 2)),
        xlabel: "eigenvalue λ",
        key: "Squared error / start: dots, <b class=polynomial>iterate: P<sub>t</sub>²</b>; rings, <b class=derivative>Jacobian: (P<sub>t</sub> − s λP<sub>t</sub>′)²</b>",
      });
      const points = (name, style, values, mark) => {
        let d = "";
        for (let i = 0; i < values.length; i++)
          if (values[i] >= plot.y.low) d += `M${plot.X(MODES[i]).toFixed(1)} ${plot.Y(values[i]).toFixed(1)}${mark}`;
        plot.put(name, "path", { class: style, d, "clip-path": `url(#${plot.clip})` });
      };
      const running = latest((options) => fields(options, MODES));
      const draw = (state) => {
        const now = running({ method: state.method, shortStep: state.shortStep, kappa: 0.01 })(state.t);
        const iterates = Float64Array.from(MODES, (_, i) => now[i] ** 2);
        const jacobian = Float64Array.from(MODES, (lam, i) => (now[i] - state.s * lam * now[200 + i]) ** 2);
        points("jacobian", "derivative ring", jacobian, "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0");
        points("iterates", "polynomial points", iterates, "h0");
        const [x, dx] = [iterates, jacobian].map((it) => MODES[it.indexOf(residual.maximum(it))]);
        const said =
          `${title(state)}, t = ${state.t}, s = ${state.s}. Largest part of the iterate’s error: ` +
          `${three(residual.maximum(iterates))} at λ = ${three(x)}; of the Jacobian’s: ${three(residual.maximum(jacobian))} at λ = ${three(dx)}.`;
        return { said, lam: MODES, iterates, jacobian };
      };
      return { plots: [plot], draw };
    },
  };

  // Constant step sizes -------------------------------------------------------------------------------------------------

  // The last t at which `holds`, which holds from `from` up to there, plus one.
  const until = (holds, from) => {
    let [low, high] = [from, from + 1];
    while (holds(high)) [low, high] = [high, 2 * high];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (holds(middle)) low = middle;
      else high = middle;
    }
    return high;
  };

  // Numbers of iterations for gradient descent with the step h, NaN where nothing rises. The term with D rises at L, where
  // it is (h - 1)^(t - 1) (1 + (t - 1) h).
  const iterationsOf = (h, kappa) => {
    const rate = Math.max(1 - h * kappa, Math.abs(1 - h));
    const rises = h > Math.SQRT2;
    const larger = (t) => (t - 1) * Math.log(h - 1) + Math.log1p((t - 1) * h) > 1e-9;
    const peak = Math.ceil((2 * (h - 1)) / (h * (2 - h)) - 1e-9);
    const logG = (t) => Math.log(t) + (t - 1) * Math.log(rate);
    let peakG = Math.ceil(rate / (1 - rate));
    for (const top = logG(peakG) - 1e-9; logG(peakG - 1) >= top; ) peakG--; // the first of those that are as good as equal
    return {
      burnIn: rises ? until(larger, peak) : NaN,
      peak: rises ? peak : NaN,
      peakG,
      digit: Math.log(10) / -Math.log(rate),
    };
  };

  const STEPS = whole(1, 199).map((i) => i / 100);
  const QUANTITIES = {
    burnIn: ["derivative", "D: burn-in"],
    peak: ["derivative dashed", "D: peak"],
    peakG: ["third", "G: peak"],
    digit: ["polynomial", "one more digit"],
  };

  const step_sizes = {
    start: { kappa: 0.01, h: 1.7 },
    controls: [slider("kappa", "Conditioning κ = ℓ/L", kappas(-4, -0.5)), slider("h", "Step size hL", STEPS, (h) => h.toFixed(2))],
    plays: "h",
    make: () => {
      const plot = new Plot({
        x: linear(0, 2, [0, 0.5, 1, [Math.SQRT2, "√2"], 2]),
        y: log(1, 1e6, decades(0, 6)),
        xlabel: "step size hL",
        key: "Numbers of iterations, for each constant step size",
      });
      const draw = ({ kappa, h }) => {
        const all = STEPS.map((it) => iterationsOf(it, kappa));
        const here = iterationsOf(h, kappa);
        const best = 2 / (1 + kappa);
        plot.upright("safe", "now", Math.SQRT2);
        plot.upright("best", "now", best);
        plot.word("best word", "note", plot.X(best) - 2, plot.top + 12, "2/(L + ℓ)", -1);
        plot.upright("here", "here", h);
        const columns = {};
        for (const [name, [style]] of Object.entries(QUANTITIES)) {
          columns[name] = all.map((it) => it[name]);
          plot.curve(name, style, STEPS, columns[name]);
          plot.dot(`${name} here`, style, h, here[name]);
        }
        // Where the curves are far apart: those of D end at the square root of 2.
        const at = (name, h, shift, side) => {
          const [style, text] = QUANTITIES[name];
          plot.word(`${name} word`, style, plot.X(h), plot.Y(iterationsOf(h, kappa)[name]) + shift, text, side);
        };
        at("burnIn", 1.42, -1, -1);
        at("peak", 1.42, 10, -1);
        at("peakG", 0.14, 20, 1);
        at("digit", 0.2, -10, 1);
        const D = here.peak ? `peak at ${here.peak}, burn-in ${here.burnIn.toLocaleString("en")}` : "no rise";
        const said = `κ = ${kappa}, h = ${h.toFixed(2)}/L. Term with D: ${D}. Term with G: peak at ${here.peakG.toLocaleString("en")}. One more digit takes ${three(here.digit)} iterations.`;
        return { said, h: STEPS, ...columns, best };
      };
      return { plots: [plot], draw, drag: [[plot, "h"]] };
    },
  };

  watch({ explorer, polynomials, spectrum_of_error, step_sizes });
})();
