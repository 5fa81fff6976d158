// Dataset distillation as a reader sets it: ten images, the student that is trained on them, and both hypergradients.
"use strict";

(() => {
  const { Plot, element, linear, log, slider, choice, three, watch } = plots;

  const [CLASSES, SIDE] = [10, 8];
  const PIXELS = SIDE * SIDE;
  const [STEP, RATE, UPDATES] = [0.3, 0.02, 100];
  const LARGEST = 1.5; // the value of a pixel in full ink
  const digits = Uint8Array.from({ length: CLASSES }, (_, i) => i);

  const sum = (length, term) => {
    let whole = 0;
    for (let i = 0; i < length; i++) whole += term(i);
    return whole;
  };
  const dot = (a, b) => sum(a.length, (i) => a[i] * b[i]);
  const plus = (a, factor, b) => a.map((it, i) => it + factor * b[i]); // a + factor b

  // The mean cross-entropy of softmax(A xᵀ) for the classes y of the rows of A, its gradient by x, the probabilities p, and
  // how far they are from the classes.
  const crossEntropy = (A, y, x) => {
    const n = y.length;
    const [p, away, gradient] = [n * CLASSES, n * CLASSES, x.length].map((it) => new Float64Array(it));
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const [row, own] = [i * PIXELS, i * CLASSES];
      let [most, all] = [-Infinity, 0];
      for (let c = 0; c < CLASSES; c++) {
        let score = 0;
        for (let j = 0; j < PIXELS; j++) score += A[row + j] * x[c * PIXELS + j];
        p[own + c] = score;
        most = Math.max(most, score);
      }
      loss -= p[own + y[i]] - most;
      for (let c = 0; c < CLASSES; c++) all += p[own + c] = Math.exp(p[own + c] - most);
      loss += Math.log(all);
      for (let c = 0; c < CLASSES; c++) {
        p[own + c] /= all;
        away[own + c] = p[own + c] - (c === y[i]);
        const part = away[own + c] / n;
        for (let j = 0; j < PIXELS; j++) gradient[c * PIXELS + j] += part * A[row + j];
      }
    }
    return { loss: loss / n, gradient, p, away };
  };

  // The gradient of f by x, with the penalty, and what it is made of.
  const inner = (theta, weight, x) => {
    const entropy = crossEntropy(theta, digits, x);
    return { ...entropy, x, gradient: plus(entropy.gradient, weight, x) };
  };

  // Both derivatives of this gradient, applied to v: H v, and that by theta, transposed.
  const derivatives = (theta, weight, { x, p, away }, v) => {
    const [byX, byTheta] = [v.map((it) => weight * it), new Float64Array(theta.length)];
    for (let i = 0; i < CLASSES; i++) {
      const [row, own] = [i * PIXELS, i * CLASSES];
      const scores = new Float64Array(CLASSES);
      for (let c = 0; c < CLASSES; c++)
        for (let j = 0; j < PIXELS; j++) scores[c] += theta[row + j] * v[c * PIXELS + j];
      const mean = sum(CLASSES, (c) => p[own + c] * scores[c]);
      for (let c = 0; c < CLASSES; c++) {
        const [change, distance] = [(p[own + c] * (scores[c] - mean)) / CLASSES, away[own + c] / CLASSES];
        for (let j = 0; j < PIXELS; j++) {
          byX[c * PIXELS + j] += change * theta[row + j];
          byTheta[row + j] += distance * v[c * PIXELS + j] + change * x[c * PIXELS + j];
        }
      }
    }
    return { byX, byTheta };
  };

  // Conjugate gradients for H v = b.
  const solve = (theta, weight, at, b) => {
    let [v, r, d] = [new Float64Array(b.length), b, b];
    const enough = 1e-24 * dot(b, b);
    for (let rr = dot(r, r), i = 0; rr > enough && i < b.length; i++) {
      const Hd = derivatives(theta, weight, at, d).byX;
      const length = rr / dot(d, Hd);
      v = plus(v, length, d);
      r = plus(r, -length, Hd);
      const next = dot(r, r);
      d = plus(r, next / rr, d);
      rr = next;
    }
    return v;
  };

  // The student that is trained to the end, by Newton's method from another one.
  const trained = (theta, weight, x) => {
    let at = inner(theta, weight, x);
    for (let i = 0; i < 50 && dot(at.gradient, at.gradient) > 1e-22; i++)
      at = inner(theta, weight, plus(at.x, -1, solve(theta, weight, at, at.gradient)));
    return at;
  };

  // The loss of the student after T steps on the real images, and the derivative of that by theta.
  const unrolled = (theta, weight, T, real) => {
    const run = [];
    let x = new Float64Array(theta.length);
    for (let t = 0; t < T; t++) {
      const at = inner(theta, weight, x);
      run.push(at);
      x = plus(x, -STEP, at.gradient);
    }
    const { loss, gradient } = crossEntropy(real.A, real.y, x);
    let [v, byTheta] = [gradient, new Float64Array(theta.length)];
    for (const at of run.reverse()) {
      const back = derivatives(theta, weight, at, v);
      byTheta = plus(byTheta, -STEP, back.byTheta);
      v = plus(v, -STEP, back.byX);
    }
    return { loss, byTheta };
  };

  const implicit = (theta, weight, end, { loss, gradient }) => {
    const v = solve(theta, weight, end, gradient);
    return { loss, byTheta: derivatives(theta, weight, end, v).byTheta.map((it) => -it) };
  };

  // A distillation: images and losses before, between and after the updates of Adam, as far as they are made.
  class Distillation {
    constructor(theta, { by, weight, T }, real) {
      Object.assign(this, { by, weight: Number(weight), T, real, images: [], own: [], final: [] });
      this.moments = [0, 0].map(() => new Float64Array(theta.length));
      this.meet(theta, new Float64Array(theta.length));
    }

    meet(theta, x) {
      this.end = trained(theta, this.weight, x);
      const final = crossEntropy(this.real.A, this.real.y, this.end.x);
      const { loss, byTheta } =
        this.by === "implicit" ? implicit(theta, this.weight, this.end, final) : unrolled(theta, this.weight, this.T, this.real);
      this.images.push(theta);
      this.own.push(loss);
      this.final.push(final.loss);
      this.gradient = byTheta;
    }

    update() {
      const [g, n] = [this.gradient, this.images.length];
      const [mean, square] = this.moments;
      const theta = this.images.at(-1).map((it, i) => {
        mean[i] = 0.9 * mean[i] + 0.1 * g[i];
        square[i] = 0.999 * square[i] + 0.001 * g[i] ** 2;
        return it - (RATE * mean[i]) / (1 - 0.9 ** n) / (Math.sqrt(square[i] / (1 - 0.999 ** n)) + 1e-8);
      });
      this.meet(theta, this.end.x);
    }
  }

  // Two rows of five images, and below them two of others.
  class Images {
    constructor(key) {
      this.shown = [];
      this.svg = element("svg", { role: "img", viewBox: "0 0 44 36" });
      this.key = element("p", { class: "key" });
      this.key.innerHTML = key;
      this.box = element("div", { class: "plot" }, this.key, this.svg);
      this.inks = [0, 19].map((top) =>
        Array.from({ length: CLASSES * PIXELS }, (_, i) => {
          const [image, pixel] = [Math.floor(i / PIXELS), i % PIXELS];
          const x = 9 * (image % 5) + (pixel % SIDE);
          const y = top + 9 * Math.floor(image / 5) + Math.floor(pixel / SIDE);
          return this.svg.appendChild(element("rect", { class: "ink", x, y, width: 1, height: 1 }));
        }),
      );
    }

    resize() {}

    show(which, values) {
      if (this.shown[which] === values) return;
      this.shown[which] = values;
      this.inks[which].forEach((it, i) => {
        it.setAttribute("fill-opacity", Math.min(Math.abs(values[i]) / LARGEST, 1).toFixed(2));
        it.classList.toggle("derivative", values[i] < 0);
      });
    }
  }

  const STARTS = { means: "class means", real: "real images" };

  // The real images, a letter for each pixel's grey value, from a = 0 to q = 16, and a blank between the digits.
  const read = (text) => {
    const classes = text.split(" ");
    const A = Float64Array.from(classes.join(""), (it) => (it.charCodeAt(0) - 97) / 16);
    const counts = classes.map((it) => it.length / PIXELS);
    const y = Uint8Array.from(counts.flatMap((count, digit) => Array(count).fill(digit)));
    const [means, real] = [0, 0].map(() => new Float64Array(CLASSES * PIXELS));
    let first = 0;
    counts.forEach((count, digit) => {
      for (let j = 0; j < PIXELS; j++) {
        real[digit * PIXELS + j] = A[first * PIXELS + j];
        means[digit * PIXELS + j] = sum(count, (i) => A[(first + i) * PIXELS + j]) / count;
      }
      first += count;
    });
    return { A, y, means, real };
  };

  const distillation = {
    start: { by: "unrolled", start: "means", weight: "0.01", T: 20, updates: 0 },
    controls: [
      choice("by", "Hypergradient", { unrolled: "unrolled", implicit: "implicit" }),
      choice("start", "Start", STARTS),
      choice("weight", "Penalty", { 0.01: "0.01", 0.1: "0.1" }),
      slider("T", "Unrolled steps T", [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300]),
      slider("updates", "Updates of the images", Array.from({ length: UPDATES + 1 }, (_, i) => i)),
    ],
    examples: {
      "Twenty steps": { updates: UPDATES },
      "Three hundred": { T: 300, updates: UPDATES },
      Implicit: { by: "implicit", updates: UPDATES },
      "A large penalty": { weight: "0.1", updates: UPDATES },
    },
    plays: "updates",
    make: (root) => {
      const real = read(root.dataset.images);
      const pictures = new Images("The ten images, <b class=derivative>orange where negative</b>; below, what they began as");
      const plot = new Plot({
        x: linear(0, UPDATES, [0, 25, 50, 75, UPDATES]),
        y: log(0.2, 3, [0.2, 0.3, 0.5, 1, 2, 3]),
        xlabel: "updates of the images",
        key: "Loss on all real images: <b class=polynomial>after T steps</b>, <b class=derivative>at the end</b>; shaded: <b class=derivative>the end</b> is worse than before",
      });
      const runs = {};
      const draw = (state) => {
        const { by, start, weight, T, updates } = state;
        const name = [start, weight, by === "implicit" ? by : T].join();
        const run = (runs[name] ??= new Distillation(real[start], state, real));
        for (const late = performance.now() + 12; run.final.length <= updates && performance.now() < late; ) run.update();
        const now = Math.min(updates, run.final.length - 1);
        const times = run.final.map((_, i) => i);
        pictures.show(0, run.images[now]);
        pictures.show(1, real[start]);
        const before = plot.Y(run.final[0]);
        const shape = { class: "worse", x: plot.left, y: plot.top, width: plot.right - plot.left };
        plot.put("worse", "rect", { ...shape, height: Math.max(before - plot.top, 0) });
        plot.upright("now", "now", updates);
        plot.curve("own", "polynomial", times, by === "implicit" ? times.map(() => NaN) : run.own);
        plot.curve("final", "derivative", times, run.final);
        plot.dot("here", "derivative", now, run.final[now]);
        const step = by === "implicit" ? "the implicit hypergradient" : `T = ${T}`;
        const against = (losses) => three(losses[now]) + (now ? ` (${three(losses[0])} at the start)` : "");
        const stops = `after ${T} ${T > 1 ? "steps" : "step"} ${against(run.own)}, `;
        const said =
          `${now} ${now === 1 ? "update" : "updates"} with ${step}, from ${STARTS[start]}, penalty ${weight}. ` +
          `Loss of the student ${by === "implicit" ? "" : stops}trained to the end ${against(run.final)}.`;
        const idle = by === "implicit" ? ["T"] : [];
        return { said, idle, unfinished: now < updates, images: Array.from(run.images[now]), own: run.own[now], final: run.final[now] };
      };
      return { plots: [pictures, plot], draw, drag: [[plot, "updates"]] };
    },
  };

  watch({ distillation });
})();
