// Interactive figures about the derivative of one run: where it begins, where it points, what is kept of it. L = 1, kappa = l/L.
"use strict";

(() => {
  const { Plot, linear, log, bothSigns, decades, slider, choice, three, watch } = plots;

  const whole = (from, to, by = 1) => Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
  const number = (it) => it.toLocaleString("en");

  // A late start --------------------------------------------------------------------------------------------------------

  // On f(x, theta) = sum of (lam_i + theta) x_i^2 / 2 - lam_i^2 x_i at theta = 0, from x_0 = (1 - s) x*, what T steps have
  // of the Jacobian, n of them differentiated, is off by (1 - h lam)^n + s n h lam (1 - h lam)^(T - 1) of dx* in each mode.
  const MODES = Float64Array.from({ length: 200 }, (_, i) => 0.01 + (0.99 * i) / 199);
  const LAST = 600;
  const STEPS = {
    "gradient-1": ["gradient descent, h = 1/L", 1],
    "gradient-sqrt2": ["gradient descent, h = √2/L", Math.SQRT2],
    "gradient-2": ["gradient descent, h = 2/(L + ℓ)", 2 / 1.01],
  };
  const names = Object.fromEntries(Object.entries(STEPS).map(([name, [title]]) => [name, title]));

  // (1 - h lam)^n for all n and all modes, one after the other.
  const powersOf = {};
  const powers = (method) => {
    if (powersOf[method]) return powersOf[method];
    const [, h] = STEPS[method];
    const all = new Float64Array((LAST + 1) * MODES.length).fill(1, 0, MODES.length);
    for (let i = MODES.length; i < all.length; i++)
      all[i] = all[i - MODES.length] * (1 - h * MODES[i % MODES.length]);
    return (powersOf[method] = all);
  };

  // Norms over the modes, relative to that of dx*: of the whole error, and of its two terms.
  const lateError = ({ method, s }, n, T) => {
    const [q, h, m] = [powers(method), STEPS[method][1], MODES.length];
    const [early, late] = [Math.max(T - 1, 0) * m, n * m];
    let [whole, bias, curse] = [0, 0, 0];
    for (let i = 0; i < m; i++) {
      const [one, two] = [q[late + i], s * n * h * MODES[i] * q[early + i]];
      whole += (one + two) ** 2;
      bias += one ** 2;
      curse += two ** 2;
    }
    return [whole, bias, curse].map((it) => Math.sqrt(it / m));
  };

  const late_start = {
    start: { method: "gradient-2", K: 60, T: 300, s: 1 },
    controls: [
      choice("method", "Method", names),
      slider("K", "Differentiated from step K on", whole(0, LAST)),
      slider("T", "All steps T", whole(20, LAST, 10)),
      slider("s", "Start s: 0 warm, 5 far", whole(0, 50).map((i) => i / 10)),
    ],
    examples: { "K = 0": { K: 0 }, "A far start": { s: 5 }, "A calm step": { method: "gradient-1" } },
    plays: "K",
    make: () => {
      const axes = (xlabel, key) =>
        new Plot({ x: linear(0, LAST, [0, 200, 400, LAST]), y: log(1e-4, 100, decades(-4, 2)), xlabel, key });
      const left = axes(
        "first differentiated step K",
        "Relative error after T steps: <b class=derivative>all of it</b>, <b class=polynomial>bias</b>, <b class=third>rest of the curse</b>",
      );
      const right = axes("iteration t", "At step t, for T = t: <b class=derivative>with this K</b>; grey: with K = 0");
      const times = whole(0, LAST);
      let plain = {}; // of K = 0, at each t: K and T do not change it
      const draw = (state) => {
        const { K, T, s } = state;
        const starts = whole(0, T);
        const all = starts.map((it) => lateError(state, T - it, T));
        const [errors, bias, curse] = [0, 1, 2].map((part) => all.map((it) => it[part]));
        const run = times.map((t) => lateError(state, Math.max(t - K, 0), t)[0]);
        if (plain.of !== `${state.method} ${s}`)
          plain = { of: `${state.method} ${s}`, errors: times.map((t) => lateError(state, t, t)[0]) };
        const best = errors.indexOf(Math.min(...errors));
        const error = errors[Math.min(K, T)];
        for (const it of [left, right]) {
          const [y, height] = [it.top, it.Y(1) - it.top];
          it.put("worse", "rect", { class: "worse", x: it.left, y, width: it.right - it.left, height });
        }
        left.upright("now", "now", K);
        left.curve("bias", "polynomial thin", starts, bias);
        left.curve("curse", "third thin", starts, curse);
        left.curve("errors", "derivative", starts, errors);
        left.dot("best", "derivative open", best, errors[best]);
        left.dot("here", "derivative", Math.min(K, T), error);
        right.upright("now", "now", T);
        right.curve("plain", "other", times, plain.errors);
        right.curve("run", "derivative", times, run);
        right.dot("here", "derivative", T, error);
        const kept = Math.max(T - K, 0);
        const said =
          `h = ${STEPS[state.method][0].split("h = ")[1]}, s = ${s}, T = ${T}. Differentiated from K = ${K} on, the error is ` +
          `${three(error)}; from the beginning, ${three(errors[0])}. Best is K = ${best}: ${three(errors[best])}. ` +
          `States kept for the way back: ${kept} of ${T}.`;
        return { said, errors, bias, curse, run, plain: plain.errors, best };
      };
      return { plots: [left, right], draw, drag: [[left, "K"], [right, "T"]] };
    },
  };

  // A hypergradient that turns round --------------------------------------------------------------------------------------

  // Of (x_1 + x_2) / 2, on the same problem with lam = kappa and 1, as a multiple of the exact one: the mean of both modes.
  const SPAN = 100;
  const times = whole(0, SPAN);
  const share = (lam, h, s) =>
    times.map((t) => {
      const q = 1 - h * lam;
      return t === 0 ? 0 : 1 - q ** t - s * t * h * lam * q ** (t - 1);
    });

  const turning = {
    start: { kappa: 0.05, h: 1.9, s: 1, t: 13 },
    controls: [
      slider("kappa", "Conditioning κ = ℓ/L", [0.01, 0.013, 0.016, 0.02, 0.025, 0.032, 0.04, 0.05, 0.063, 0.079, 0.1, 0.13, 0.16, 0.2]),
      slider("h", "Step size hL", whole(10, 199).map((i) => i / 100), (h) => h.toFixed(2)),
      slider("s", "Start s: 0 warm, 5 far", whole(0, 50).map((i) => i / 10)),
      slider("t", "Iteration t", times),
    ],
    examples: { "A long step": {}, "A far start": { h: 1, s: 5, t: 20 }, "A safe step": { h: 1.41 } },
    plays: "t",
    make: () => {
      const plot = new Plot({
        x: linear(0, SPAN, [0, 25, 50, 75, SPAN]),
        y: bothSigns(0.5, -200, 200, [-100, -30, -10, -3, -1, 0, 1, 3, 10, 30, 100]),
        xlabel: "iteration t",
        key: "Hypergradient / exact one: <b class=derivative>unrolled</b>, mean of <b class=polynomial>the slow mode</b> and <b class=third>the stiff mode</b>; shaded: the wrong way",
      });
      const draw = ({ kappa, h, s, t }) => {
        const [slow, stiff] = [share(kappa, h, s), share(1, h, s)];
        const values = times.map((i) => (slow[i] + stiff[i]) / 2);
        const wrong = times.filter((i) => values[i] < -1e-9);
        const close = values.findLastIndex((it) => Math.abs(it - 1) > 0.1) + 1;
        const [zero, x] = [plot.Y(0), plot.left];
        plot.put("worse", "rect", { class: "worse", x, y: zero, width: plot.right - x, height: plot.bottom - zero });
        plot.upright("now", "now", t);
        plot.put("exact", "line", { class: "here", x1: x, x2: plot.right, y1: plot.Y(1), y2: plot.Y(1) });
        plot.curve("slow", "polynomial thin", times, slow);
        plot.curve("stiff", "third thin", times, stiff);
        plot.curve("values", "derivative", times, values);
        plot.dot("here", "derivative", t, values[t]);
        const way = Math.abs(values[t]) < 1e-9 ? "" : values[t] < 0 ? " and points the wrong way" : " and points the right way";
        const turns = wrong.length
          ? `Wrong at ${wrong.length} of the first ${SPAN} steps, last at t = ${wrong.at(-1)}`
          : "Never wrong";
        const ends = close > SPAN ? `not within a tenth by t = ${SPAN}.` : `within a tenth from t = ${close} on.`;
        const said = `κ = ${kappa}, h = ${h.toFixed(2)}/L, s = ${s}, t = ${t}: the hypergradient is ${three(values[t])} times the exact one${way}. ${turns}; ${ends}`;
        return { said, values, slow, stiff, wrong: wrong.length, last: wrong.at(-1) ?? null, close };
      };
      return { plots: [plot], draw, drag: [[plot, "t"]] };
    },
  };

  // Checkpoints -----------------------------------------------------------------------------------------------------------

  // least[c][n]: the fewest forward steps to go back through n, with c places besides the iterate at the beginning; a place
  // is best given to the iterate after split[c][n] of them. A step back from an iterate that is there costs none.
  const MOST = 100;
  const schedules = () => {
    const least = [Float64Array.from({ length: MOST + 1 }, (_, n) => (n * (n - 1)) / 2)];
    const split = [null];
    for (let c = 1; c < MOST; c++) {
      least.push(new Float64Array(MOST + 1));
      split.push(new Uint8Array(MOST + 1));
      for (let n = 2; n <= MOST; n++) {
        least[c][n] = Infinity;
        for (let j = 1; j < n; j++) {
          const steps = j + least[c][j] + least[c - 1][n - j];
          if (steps < least[c][n]) [least[c][n], split[c][n]] = [steps, j];
        }
      }
    }
    return { least, split };
  };

  // The best way back: forward pieces [from, to, steps back made before], and kept iterates [which, from, until].
  const wayBack = (T, c, split) => {
    const [pieces, kept] = [[], [[0, 0, T]]];
    let done = 0;
    const back = (from, n, places) => {
      if (n === 1) return void done++;
      if (places === 0) {
        for (let i = n - 1; i >= 0; i--, done++) if (i) pieces.push([from, from + i, done]);
        return;
      }
      const j = split[places][n];
      pieces.push([from, from + j, done]);
      const since = done;
      back(from + j, n - j, places - 1);
      kept.push([from + j, since, done]);
      back(from, j, places);
    };
    back(0, T, c);
    return { pieces, kept };
  };

  const checkpoints = {
    start: { c: 5, T: 60 },
    controls: [slider("c", "Kept iterates, with the start", whole(1, MOST)), slider("T", "Steps T", whole(5, MOST, 5))],
    examples: { "The start alone": { c: 1 }, "About 2√T": { c: 16 }, Everything: { c: MOST } },
    plays: "c",
    make: () => {
      const left = new Plot({
        x: linear(0, 1, [0, [1, "T"]]),
        y: linear(0, 1, [0, [1, "T"]]),
        xlabel: "iterate",
        key: "<b class=derivative>The way back</b>, upwards; <b class=polynomial>run forward again</b> before a step back; <b class=third>kept</b> meanwhile",
      });
      const right = new Plot({
        x: log(1, MOST, [1, 2, 5, 10, 20, 50, MOST]),
        y: log(0.7, 60, [1, 2, 5, 10, 20, 50]),
        xlabel: "kept iterates, with the start",
        key: "<b class=polynomial>Forward steps for each step</b>, the fewest; ring: blocks of √T",
      });
      let tables;
      const draw = ({ c, T }) => {
        tables ??= schedules();
        const places = Math.min(c, T) - 1;
        const { pieces, kept } = wayBack(T, places, tables.split);
        const part = (it) => it / T;
        const strokes = (name, style, all) => {
          const d = all.map(([x1, y1, x2, y2]) => `M${left.X(part(x1)).toFixed(1)} ${left.Y(part(y1)).toFixed(1)}L${left.X(part(x2)).toFixed(1)} ${left.Y(part(y2)).toFixed(1)}`);
          left.put(name, "path", { class: style, d: d.join("") });
        };
        strokes("kept", "third thin", kept.map(([it, since, until]) => [it, since, it, until]));
        strokes("pieces", "polynomial thin", pieces.map(([from, to, at]) => [from, at, to, at]));
        left.curve("back", "derivative", [0, 1], [1, 0]);
        const all = whole(0, T - 1);
        const steps = all.map((it) => tables.least[it][T]);
        right.curve("steps", "polynomial", all.map((it) => it + 1), steps.map(part));
        right.upright("now", "now", places + 1);
        right.dot("blocks", "third open", 2 * Math.sqrt(T), 2);
        right.dot("here", "polynomial", places + 1, part(steps[places]));
        const said =
          `T = ${T} steps, ${places + 1} ${places ? "iterates" : "iterate"} kept at most, the start among them: ${number(steps[places])} forward steps, ` +
          `${three(part(steps[places]))} for each. All kept: ${number(T - 1)}; the start alone: ${number(steps[0])}.`;
        return { said, steps, pieces, kept };
      };
      return { plots: [left, right], draw, drag: [[right, "c"]] };
    },
  };

  watch({ late_start, turning, checkpoints });
})();
