/**
 * Holds weights to their budgets.
 *
 * `budgets.json` says for each row what it may weigh now (`limit`), what it has to come to (`must`) and what would be good
 * (`aim`). Beside that, what grows by more than 2 % since the last release needs a line in a changeset, which names the row, the
 * growth it allows and the reason: `size(lite): +3.5 %, sorted sets`.
 */

const GROWTH_MAX = 0.02;
const LINE = /^size\(([a-z-]+)\): \+(\d+(?:\.\d+)?) %, \S.*$/gm;
const KINDS = [
  ['minifiedBytes', 'minified'],
  ['gzipBytes', 'gzip'],
];

/** The weight that a budget is about: all of a distribution, or what a feature adds. */
export function weightOf(row) {
  return row.total;
}

/** What is wrong, a sentence each; empty if nothing is. `changesets` are the texts of the changes since the last release. */
export function checkBudgets(rows, budgets, released, changesets) {
  return [...overLimit(rows, budgets), ...grown(rows, released, growthAllowed(changesets))];
}

function overLimit(rows, budgets) {
  return rows.flatMap((row) =>
    KINDS.flatMap(([kind, word]) => {
      const limit = budgets[row.name]?.limit[kind];
      const bytes = weightOf(row)[kind];
      if (limit === undefined || bytes <= limit) return [];
      return [`${row.name} has ${bytes} bytes (${word}), and its limit in budgets.json is ${limit}`];
    }),
  );
}

function grown(rows, released, allowed) {
  return rows.flatMap((row) => {
    const before = released[row.name]?.minifiedBytes;
    if (before === undefined || before === 0) return [];
    const growthBytes = weightOf(row).minifiedBytes - before;
    const share = Math.max(GROWTH_MAX, allowed.get(row.name) ?? 0);
    if (growthBytes <= Math.round(before * share)) return [];
    const growth = growthBytes / before;
    const percent = (Math.ceil(1000 * growth) / 10).toFixed(1);
    return [
      `${row.name} grew by ${percent} % since the last release: say why in a changeset, "size(${row.name}): +${percent} %, REASON"`,
    ];
  });
}

function growthAllowed(changesets) {
  const allowed = new Map();
  for (const text of changesets) {
    for (const [, name, percent] of text.matchAll(LINE)) {
      allowed.set(name, Math.max(allowed.get(name) ?? 0, Number(percent) / 100));
    }
  }
  return allowed;
}

/** For each budget, what the row weighs and whether that is enough. */
export function compareWithBudgets(rows, budgets) {
  return rows.flatMap((row) => {
    const budget = budgets[row.name];
    if (budget === undefined) return [];
    return KINDS.map(([kind, word]) => {
      const bytes = weightOf(row)[kind];
      const { [kind]: must } = budget.must;
      const { [kind]: aim } = budget.aim;
      return { name: row.name, kind: word, bytes, must, aim, isMet: bytes <= must, isAimMet: bytes <= aim };
    });
  });
}
