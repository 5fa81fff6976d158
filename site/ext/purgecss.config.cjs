// Attributes that scripts or readers change: rules that ask for them stay.
module.exports = { dynamicAttributes: ["data-theme", "data-mode", "open", "aria-expanded", "data-bs-theme"] };
