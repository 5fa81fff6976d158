// Attributes that scripts or readers change: rules that ask for them stay.
module.exports = { dynamicAttributes: ["data-theme", "data-mode", "data-code", "open", "aria-expanded", "aria-pressed", "data-figure", "data-bs-theme"] };
