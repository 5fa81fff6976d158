// Typeset formulas: a line of JSON with the TeX in, a line of JSON with its HTML, or with what is wrong, out.
const katex = require(process.argv[2]);

// A residual polynomial, P or P_t or P_{t+1}^2, and its derivative, with a prime, each have a colour (book.css).
const SUBSCRIPT = String.raw`(?:_(?:\{[^{}]*\}|\w|\\[a-z]+))?`;
const POWER = String.raw`(?:\^(?:\{[^{}]*\}|\w|\\[a-z]+))?`;
const POLYNOMIAL = new RegExp(String.raw`(?<![A-Za-z\\]|\\(?:math|operator)[a-z]+[{ ])P(?![A-Za-z])${SUBSCRIPT}('?)${POWER}`, "g");
const colored = (tex) =>
  tex.replace(POLYNOMIAL, (it, prime) => String.raw`\htmlClass{${prime ? "derivative" : "polynomial"}}{${it}}`);
const strict = (code) => (code == "htmlExtension" ? "ignore" : "error");
const trust = ({ command }) => command == "\\htmlClass";
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { tex, displayMode } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(colored(tex), { displayMode, throwOnError: true, strict, trust });
    answer = { html: html.replace(/(<annotation[^>]*>)[^<]*/, (_, tag) => tag + escaped(tex)) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
