// What interactive figures are made of: axes, curves, and controls around a state, in SVG and plain HTML.
// A figure has controls, each with the positions that its value can take, and a function that draws a state.
"use strict";

const plots = (() => {
  const MARGIN = { left: 40, right: 20, top: 8, bottom: 36 };
  const REST = 250; // milliseconds without a change

  const element = (tag, attributes = {}, ...children) => {
    const drawn = ["svg", "g", "path", "circle", "rect", "line", "text", "clipPath"].includes(tag);
    const it = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, value);
    it.append(...children);
    return it;
  };

  const superscript = (n) => String(n).replace(/./g, (digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]);

  // Three digits of a number, as one would write it.
  const three = (value) => {
    const size = Math.abs(value);
    if (size === 0) return "0";
    const sign = value < 0 ? "−" : "";
    if (size >= 1000) return sign + Number(size.toPrecision(3)).toLocaleString("en");
    if (size >= 0.001) return sign + Number(size.toPrecision(3));
    const [digits, exponent] = size.toExponential(1).split("e");
    return `${sign}${digits}·10${superscript(Number(exponent))}`;
  };

  // Scales: from a value to a number that grows evenly along the axis. A tick is a value and its text.
  const scale = (to, low, high, ticks) => ({
    low,
    high,
    ticks: ticks.map((it) => (Array.isArray(it) ? it : [it, String(it).replace("-", "−")])),
    part: (value) => (to(value) - to(low)) / (to(high) - to(low)),
  });
  const linear = (...rest) => scale((value) => value, ...rest);
  const log = (low, high, ticks, least = low / 1e3) => scale((value) => Math.log(Math.max(value, least)), low, high, ticks);
  const bothSigns = (small, ...rest) => scale((value) => Math.asinh(value / small), ...rest); // log beyond small
  const decades = (from, to, every = 1) =>
    Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every).map((power) => [
      10 ** power,
      power === 0 ? "1" : `10${superscript(power)}`,
    ]);

  let count = 0;

  class Plot {
    constructor({ x, y, xlabel, key }) {
      Object.assign(this, { x, y, xlabel, shapes: new Map() });
      this.clip = `clip-${++count}`;
      this.frame = element("g");
      this.drawn = element("g");
      this.svg = element("svg", { role: "img" }, this.frame, this.drawn);
      this.key = element("p", { class: "key" });
      this.key.innerHTML = key;
      this.box = element("div", { class: "plot" }, this.key, this.svg);
    }

    // Whether there is another size than before, and then the axes for it.
    resize() {
      const { clientWidth: width, clientHeight: height } = this.svg;
      if (!width || (width === this.width && height === this.height)) return false;
      Object.assign(this, { width, height, left: MARGIN.left, right: width - MARGIN.right });
      Object.assign(this, { top: MARGIN.top, bottom: height - MARGIN.bottom });
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      const area = { x: this.left, y: this.top, width: this.right - this.left, height: this.bottom - this.top };
      const across = this.x.ticks.map(([value, text]) =>
        element("text", { x: this.X(value), y: this.bottom + 16, "text-anchor": "middle" }, text),
      );
      const up = this.y.ticks.flatMap(([value, text]) => [
        element("line", { class: "grid", x1: this.left, x2: this.right, y1: this.Y(value), y2: this.Y(value) }),
        element("text", { x: this.left - 6, y: this.Y(value) + 4, "text-anchor": "end" }, text),
      ]);
      const middle = { x: (this.left + this.right) / 2, y: height - 4, "text-anchor": "middle" };
      const title = element("text", middle, this.xlabel);
      this.frame.replaceChildren(element("clipPath", { id: this.clip }, element("rect", area)), ...up, ...across, title);
      return true;
    }

    X(value) {
      return this.left + this.x.part(value) * (this.right - this.left);
    }

    Y(value) {
      return this.bottom - this.y.part(value) * (this.bottom - this.top);
    }

    // A shape keeps its name from one state to the next; without attributes it is not there.
    put(name, tag, attributes, text) {
      let shape = this.shapes.get(name);
      if (!shape) {
        shape = element(tag);
        this.shapes.set(name, shape);
        this.drawn.append(shape);
      }
      shape.style.display = attributes ? "" : "none";
      for (const attribute in attributes) shape.setAttribute(attribute, attributes[attribute]);
      if (text !== undefined) shape.textContent = text;
      return shape;
    }

    // A curve through (x[i], y[i]), clipped to the frame.
    curve(name, style, x, y) {
      const far = 2 * this.height;
      let d = "";
      for (let i = 0; i < x.length; i++) {
        const height = Math.min(Math.max(this.Y(y[i]), -far), far);
        if (!Number.isNaN(height)) d += `${d ? "L" : "M"}${this.X(x[i]).toFixed(1)} ${height.toFixed(1)}`;
      }
      this.put(name, "path", { class: style, d, "clip-path": `url(#${this.clip})` });
    }

    dot(name, style, x, y) {
      const inside = y >= this.y.low && y <= this.y.high;
      this.put(name, "circle", inside && { class: style, cx: this.X(x), cy: this.Y(y), r: 5 });
    }

    upright(name, style, x) {
      this.put(name, "line", { class: style, x1: this.X(x), x2: this.X(x), y1: this.top, y2: this.bottom });
    }

    // A word beside a place, in pixels; it stays in the frame.
    word(name, style, x, y, text, side = 1) {
      const width = 7 * text.length;
      if (side > 0 && x + width > this.right) side = -1;
      if (side < 0 && x - width < this.left) side = 1;
      const place = { x: x + 8 * side, y, "text-anchor": side > 0 ? "start" : "end" };
      this.put(name, "text", { class: `word ${style}`, ...place }, text);
    }

    // Call with the part of the axis, from 0 to 1, at which a pointer is pressed or drawn.
    whenDragged(call) {
      const move = (event) => {
        const { left, width } = this.svg.getBoundingClientRect(); // a slide enlarges the figure
        const x = ((event.clientX - left) * this.width) / width;
        call(Math.min(Math.max((x - this.left) / (this.right - this.left), 0), 1));
      };
      this.svg.classList.add("dragged");
      this.svg.addEventListener("pointerdown", (event) => {
        this.svg.setPointerCapture(event.pointerId);
        move(event);
      });
      this.svg.addEventListener("pointermove", (event) => this.svg.hasPointerCapture(event.pointerId) && move(event));
    }
  }

  const nearest = (positions, distance) =>
    positions.reduce((best, it, i) => (distance(it) < distance(positions[best]) ? i : best), 0);

  // Controls: `make` a native one, `show` a value in it, `read` the value.
  const slider = (name, label, positions, write = String) => ({
    name,
    positions,
    slides: true,
    make: () => {
      const input = element("input", { type: "range", name, min: 0, max: positions.length - 1, step: 1 });
      const value = element("span", { class: "value", "aria-hidden": "true" });
      const box = element("div", { class: "slider" }, element("label", {}, element("span", {}, label), input), value);
      const show = (it) => {
        input.value = nearest(positions, (position) => Math.abs(position - it));
        value.textContent = write(it);
        input.setAttribute("aria-valuetext", write(it));
      };
      return { box, show, read: () => positions[input.value] };
    },
  });

  const choice = (name, label, titles) => ({
    name,
    positions: Object.keys(titles),
    make: () => {
      const select = element("select", { name });
      for (const [value, title] of Object.entries(titles)) select.add(new Option(title, value));
      const box = element("label", { class: "choice" }, element("span", {}, label), select);
      return { box, show: (it) => (select.value = it), read: () => select.value };
    },
  });

  const toggle = (name, label) => ({
    name,
    positions: [false, true],
    make: () => {
      const input = element("input", { type: "checkbox", name });
      const box = element("label", { class: "toggle" }, input, element("span", {}, label));
      return { box, show: (it) => (input.checked = it), read: () => input.checked };
    },
  });

  // Make `root`, a figure with a still picture, live. `figure` has
  //   start      the state to begin with: a value for each control
  //   controls   above the plots, where they are choices, or below
  //   examples   titles -> what they change of the start
  //   plays      the name of the control that the play button moves
  //   make(root) plots, and draw(state), which returns { said, ...numbers }; atRest(state), if it is given. Where draw
  //              returns unfinished: true, it is called again for the next frame; idle: the controls without effect
  const live = (root, { start, controls, examples = {}, plays, make }) => {
    const name = root.dataset.figure;
    const { plots: panels, draw, atRest, drag = [] } = make(root);
    const readout = element("p", { class: "readout" });
    const status = element("p", { class: "unseen", role: "status" });
    const link = element("a", {}, "Link to this state");
    const made = Object.fromEntries(controls.map((it) => [it.name, it.make()]));
    const boxes = (slides) => controls.filter((it) => Boolean(it.slides) === slides).map((it) => made[it.name].box);

    const state = { ...start };
    let [frame, resting, playing] = [null, null, null];

    const show = () => {
      frame = null;
      panels.forEach((it) => it.resize());
      for (const it of controls) made[it.name].show(state[it.name]);
      const { said, idle = [], ...numbers } = draw(state);
      for (const it of controls) made[it.name].box.querySelector("input, select").disabled = idle.includes(it.name);
      for (const { button, values } of buttons) button.ariaPressed = controls.every(({ name }) => state[name] === values[name]);
      Object.assign(root, { state: { ...state }, numbers });
      link.href = `#${name}?${new URLSearchParams(state)}`;
      readout.textContent = said.replaceAll(" = ", "\u00a0=\u00a0");
      panels.forEach((it) => it.svg.setAttribute("aria-label", said));
      if (numbers.unfinished) later();
    };
    const rest = () => {
      if (root.touched) status.textContent = readout.textContent;
      atRest?.({ ...state });
    };
    const later = () => {
      frame ??= requestAnimationFrame(show);
      clearTimeout(resting);
      resting = setTimeout(rest, REST);
    };
    const change = (values) => {
      root.touched = true;
      Object.assign(state, values);
      later();
    };

    const play = element("button", { type: "button", class: "play" }, "▶ Play");
    const stop = () => {
      clearInterval(playing);
      playing = null;
      play.textContent = "▶ Play";
    };
    play.addEventListener("click", () => {
      if (playing) return stop();
      const { positions } = controls.find((it) => it.name === plays);
      const place = () => nearest(positions, (it) => Math.abs(it - state[plays]));
      if (place() === positions.length - 1) change({ [plays]: positions[0] });
      play.textContent = "❚❚ Pause";
      playing = setInterval(() => {
        change({ [plays]: positions[place() + 1] });
        if (place() === positions.length - 1) stop();
      }, 50);
    });

    const press = (title, values) => {
      const it = element("button", { type: "button" }, title);
      it.addEventListener("click", () => {
        stop();
        change({ ...start, ...values });
      });
      return it;
    };
    const buttons = Object.entries(examples).map(([title, values]) => ({ button: press(title, values), values: { ...start, ...values } }));

    drag.forEach(([panel, control]) =>
      panel.whenDragged((part) => {
        stop();
        const { positions } = controls.find((it) => it.name === control);
        change({ [control]: positions[nearest(positions, (it) => Math.abs(panel.x.part(it) - part))] });
      }),
    );
    const body = element("div", { class: "stage" });
    body.addEventListener("input", ({ target }) => {
      stop();
      change({ [target.name]: made[target.name].read() });
    });

    // An address may name a state, and so may a link in the text, which can be followed again when the state is another.
    const read = (hash, block) => {
      const [figure, query] = hash.slice(1).split("?");
      if (figure !== name || query === undefined) return;
      const asked = new URLSearchParams(query);
      const positions = controls.map((it) => [it.name, it.positions.find((value) => String(value) === asked.get(it.name))]);
      stop();
      change({ ...start, ...Object.fromEntries(positions.filter(([, value]) => value !== undefined)) });
      root.scrollIntoView({ block });
    };
    addEventListener("hashchange", () => read(location.hash, "nearest"));
    document.addEventListener("click", ({ target }) => {
      const hash = target.closest?.("a.state")?.hash;
      if (hash && hash === location.hash) read(hash, "nearest"); // else the address changes
    });

    body.append(
      element("div", { class: "choices" }, ...boxes(false)),
      element("div", { class: "plots" }, ...panels.map((it) => it.box)),
      element("div", { class: "sliders" }, ...boxes(true)),
      readout,
      element("div", { class: "buttons" }, ...(plays ? [play] : []), ...buttons.map((it) => it.button), press("Reset", {}), link),
      status,
    );
    root.firstElementChild.append(body);
    root.classList.add("live");
    read(location.hash, "center");
    show();
    rest();
    new ResizeObserver(later).observe(body);
  };

  // Make each figure of the page live that comes near the window, or that an address names.
  const watch = (figures) => {
    const roots = [...document.querySelectorAll(".interactive")].filter((it) => it.dataset.figure in figures);
    const wake = (root) => {
      if (root.classList.contains("live")) return;
      watcher.unobserve(root);
      live(root, figures[root.dataset.figure]);
    };
    const watcher = new IntersectionObserver(
      (entries) => entries.filter((it) => it.isIntersecting).forEach((it) => wake(it.target)),
      { rootMargin: "600px" },
    );
    const called = () => roots.filter((it) => location.hash.startsWith(`#${it.dataset.figure}?`)).forEach(wake);
    addEventListener("hashchange", called);
    called();
    roots.forEach((it) => watcher.observe(it));
  };

  return { Plot, element, linear, log, bothSigns, decades, slider, choice, toggle, three, watch };
})();
