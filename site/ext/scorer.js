// What the search shows first: a page whose title has all the words asked for. The rest is as Sphinx has it.
var Scorer = {
  score: ([, title, anchor, , score]) => {
    const words = (text) => text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const asked = words(new URLSearchParams(location.search).get("q"));
    const there = words(title);
    const named = !anchor && asked.length > 0 && asked.every((word) => there.includes(word));
    return named ? 100 + score + asked.length / there.length : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
