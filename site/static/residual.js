// The residual polynomials of the book's methods and their derivatives, as the library computes them: each method is
// its step, run on f(x) = lam x^2 / 2 from x = 1 for all lam of a grid at once. L = 1 and kappa = l/L throughout.
// A field is P at the points of the grid, followed by P'. It moves like an iterate, as a step is linear.
"use strict";

const residual = (() => {
  const INTERVALS = 512; // as in unrolling.bounds

  const grid = (kappa) =>
    Float64Array.from(
      { length: INTERVALS + 1 },
      (_, i) => (1 + kappa) / 2 - ((1 - kappa) / 2) * Math.cos((Math.PI * i) / INTERVALS),
    );

  const start = (lam) => new Float64Array(2 * lam.length).fill(1, 0, lam.length);

  // The sum of a * field over the terms [a, field], and of a * gradient over the terms [a, field, lam]: the gradient at P is
  // lam P, with the derivative lam P' + P.
  const sum = (...terms) => {
    const out = new Float64Array(terms[0][1].length);
    const n = out.length / 2;
    for (const [a, field, lam] of terms) {
      if (!lam) for (let i = 0; i < 2 * n; i++) out[i] += a * field[i];
      else
        for (let i = 0; i < n; i++) {
          out[i] += a * lam[i] * field[i];
          out[n + i] += a * (lam[i] * field[n + i] + field[i]);
        }
    }
    return out;
  };

  // Methods: kappa -> a function that, for a grid and a first field, gives the function that makes one step and returns
  // the next iterate.
  const descent = (h) => (lam, x) => () => (x = sum([1, x], [-h, x, lam]));

  const heavyBall = (kappa) => (lam, x) => {
    const root = Math.sqrt(kappa);
    const h = (2 / (1 + root)) ** 2;
    const m = ((1 - root) / (1 + root)) ** 2;
    let previous = x;
    return () => ([previous, x] = [x, sum([1 + m, x], [-m, previous], [-h, x, lam])])[1];
  };

  const nesterov = (kappa) => (lam, x) => {
    const m = (1 - Math.sqrt(kappa)) / (1 + Math.sqrt(kappa));
    let previous = x;
    return () => {
      const y = sum([1 + m, x], [-m, previous]);
      [previous, x] = [x, sum([1, y], [-1, y, lam])];
      return x;
    };
  };

  const chebyshev = (kappa) => (lam, x) => {
    const h = 2 / (1 + kappa);
    const q = ((1 - kappa) / (1 + kappa)) ** 2;
    let [previous, w, t] = [x, 0, 0];
    return () => {
      w = 1 / (1 - (t === 1 ? 1 / 2 : 1 / 4) * q * w);
      t += 1;
      [previous, x] = [x, sum([w, x], [1 - w, previous], [-w * h, x, lam])];
      return x;
    };
  };

  // alpha = 0, eta = L^2; the names are those of unrolling._sobolev
  const sobolev = (kappa) => (lam, x) => {
    const scale = 2 / (1 - kappa);
    const s0 = (1 + kappa) / (1 - kappa);
    const beta = (n) => (n <= 1 ? 1 / 2 : 1 / 4);
    let [y, yPrevious, z, zPrevious] = [x, x, x, x];
    let [n, rho, g, gPrevious, size, sizePrevious, total] = [0, 0, 1, 1, 1, 1, 1];
    return () => {
      n += 1;
      const [b, c] = [beta(n), Math.max(n, 3) / (4 * (Math.max(n, 3) - 2))];
      const before = n === 1 ? 1 / 4 : beta(n - 1);
      const next = 1 / (s0 - before * rho);
      const back = next * rho;
      const d = -c / sizePrevious;
      [gPrevious, g] = [g, 1 - back * (c + d * gPrevious)];
      const grown = 1 + (scale ** 2 * n ** 2) / b + (c ** 2 * (1 - 1 / sizePrevious)) / (b * before);
      [sizePrevious, size, rho] = [size, grown, next];
      total = total * next ** 2 * b + g ** 2 / size;
      const weight = g / (size * total);
      const yNext = sum([1 + before * back, y], [-before * back, yPrevious], [-scale * next, y, lam]);
      [zPrevious, z] = [z, sum([1, yNext], [-back * c, yPrevious], [-back * d, zPrevious])];
      [yPrevious, y] = [y, yNext];
      return (x = sum([1 - weight * g, x], [weight, z]));
    };
  };

  const METHODS = {
    "gradient-1": () => descent(1),
    "gradient-sqrt2": () => descent(Math.SQRT2),
    "gradient-2": (kappa) => descent(2 / (1 + kappa)),
    "heavy-ball": heavyBall,
    nesterov,
    chebyshev,
    sobolev,
  };

  const TITLES = {
    "gradient-1": "gradient descent, h = 1/L",
    "gradient-sqrt2": "gradient descent, h = √2/L",
    "gradient-2": "gradient descent, h = 2/(L + ℓ)",
    "heavy-ball": "heavy ball, Polyak’s constants",
    nesterov: "Nesterov",
    chebyshev: "Chebyshev",
    sobolev: "Sobolev, α = 0, η = L²",
  };

  // One step of length 1/L, and then the method.
  const afterShortStep = (method) => (lam, x) => {
    let step;
    return () => {
      if (step) return step();
      const short = descent(1)(lam, x)();
      step = method(lam, short);
      return short;
    };
  };

  // The method's steps for kappa, after a first step of length 1/L where it is asked for.
  const steps = ({ method, kappa, shortStep = false }) =>
    shortStep ? afterShortStep(METHODS[method](kappa)) : METHODS[method](kappa);

  // The least over w of the largest root of a^2 / w + c^2 / (1 - w), as in unrolling.bounds; w = 1 / (1 + exp(z)).
  const largest = (a, c) => {
    let mode = 0;
    for (let i = 1; i < a.length; i++) if (a[i] + c[i] > a[mode] + c[mode]) mode = i;
    const one = a[mode] + c[mode];
    if (!(one > 0)) return one;
    let where;
    const at = (z) => {
      const [p, q] = [1 + Math.exp(z), 1 + Math.exp(-z)];
      let most = 0;
      for (let i = 0; i < a.length; i++) {
        const value = p * (a[i] / one) ** 2 + q * (c[i] / one) ** 2;
        if (value > most) [most, where] = [value, i];
      }
      return most;
    };
    if (at(Math.log(Math.max(c[mode] / one, 1e-17) / Math.max(a[mode] / one, 1e-17))) <= 1 + 1e-12) return one;
    let [low, high] = [-40, 40];
    for (let i = 0; i < 60; i++) {
      const z = (low + high) / 2;
      at(z);
      if (Math.exp(z) * a[where] > c[where]) high = z;
      else low = z;
    }
    return one * Math.sqrt(at((low + high) / 2));
  };

  const maximum = (values) => {
    let most = 0;
    for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
    return most;
  };

  // The worst errors of the iterates and of their Jacobians, for t = 0, 1, ... until `enough(t, x, jacobian)`.
  const worst = ({ D = 1, G = 0, ...method }, enough) => {
    const lam = grid(method.kappa);
    const n = lam.length;
    let field = start(lam);
    const step = steps(method)(lam, field);
    const [a, c, p] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    const [x, jacobian] = [[], []];
    for (let t = 0; ; t++) {
      for (let i = 0; i < n; i++) {
        p[i] = Math.abs(field[i]);
        a[i] = D * Math.abs(field[i] - lam[i] * field[n + i]);
        c[i] = G * Math.abs(field[n + i]);
      }
      x.push(maximum(p));
      jacobian.push(D === 0 ? maximum(c) : G === 0 ? maximum(a) : largest(a, c));
      if (enough(t, x, jacobian)) return { x, jacobian };
      field = step();
    }
  };

  // The first t from which on no error is above the level.
  const stepsTo = (errors, level) => errors.findLastIndex((error) => error > level) + 1;

  // What `python -m unrolling burn-in` says, as numbers. Errors of the Jacobian are in units of D, or of G where D = 0.
  const summary = (options) => {
    const { D = 1, G = 0, tolerance = 0.01 } = options;
    const unit = D || G;
    let last = 64;
    const enough = (t, x, jacobian) => {
      if (t < last) return false;
      const late = (errors) => maximum(errors.slice(last / 2));
      if (late(x) < tolerance && late(jacobian) / unit < tolerance) return true;
      last *= 2;
      return false;
    };
    const { x, jacobian } = worst(options, enough);
    const top = maximum(jacobian);
    return {
      peak: jacobian.findIndex((error) => error >= (1 - 1e-9) * top),
      height: top / unit,
      burnIn: D > 0 ? stepsTo(jacobian, (1 + 1e-9) * D) : null,
      stepsIterate: stepsTo(x, tolerance),
      stepsJacobian: stepsTo(jacobian, tolerance * unit),
    };
  };

  return { METHODS, TITLES, grid, start, steps, largest, maximum, worst, summary };
})();
