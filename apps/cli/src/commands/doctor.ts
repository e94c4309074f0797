/** `ferrite doctor`: checks every file of a store, opens it read-only, and says what is wrong and what to do. */
import { FerriteError, open } from '@ferrite/core';
import type { CliCall } from '@ferrite/core/module';
import { checkStore, type ProblemKind, type StoreFindings, type StoreProblem } from '@ferrite/core/tools';
import { FAILED, OK } from '../exit-codes.ts';
import { bytesText, countText } from '../format.ts';
import { directoryOf } from '../store-path.ts';

/** What an open of the store found, which the files one by one do not tell. */
interface Opened {
  keys: number;
  /** Closed properly the last time. */
  isClean: boolean;
  damage: string[];
}

const COLORS = { damage: 'red', repaired: 'yellow', note: 'dim' } as const;
const WORDS: Record<ProblemKind, string> = { damage: 'DAMAGE', repaired: 'damaged', note: 'note' };
const ADVICE =
  "restore a backup; without one, 'ferrite salvage' keeps what is whole and sets the rest aside, after you copied the directory";

export async function run(call: CliCall): Promise<number> {
  const path = directoryOf(call.arguments[0]);
  const progress = call.progress('checking');
  const findings = await checkStore(path, (done, total) => progress.update(done, total)).finally(() => progress.end());
  const opened = openReadOnly(path);
  const problems = [...findings.problems, ...problemsOf(opened, findings.problems)];
  const isWhole = problems.every(({ kind }) => kind === 'note');
  call.result(report(call, path, { ...findings, problems }, opened), {
    path,
    isWhole,
    storeId: findings.storeId,
    created: findings.createdMs === 0 ? null : new Date(findings.createdMs).toISOString(),
    keys: opened?.keys ?? null,
    files: findings.files,
    problems,
  });
  return isWhole ? OK : FAILED;
}

/** Undefined when the store does not open at all, which the files have told. */
function openReadOnly(path: string): Opened | undefined {
  try {
    const db = open({ path, readOnly: true, ordered: false });
    try {
      const { keys, recovery } = db.stats();
      return { keys, isClean: recovery.clean, damage: recovery.damage };
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof FerriteError && error.code !== 'FERRITE_LOCKED') return undefined;
    throw error;
  }
}

/** What is new to the one who has read of the files: a segment that is missing, a log that ends too early. */
function problemsOf(opened: Opened | undefined, known: readonly StoreProblem[]): StoreProblem[] {
  const isTold = known.some(({ kind }) => kind === 'damage');
  if (opened === undefined && !isTold) {
    return [{ kind: 'damage', file: '', position: undefined, text: 'the store does not open', advice: ADVICE }];
  }
  const damage = opened?.damage ?? [];
  return damage
    .filter((text) => !isTold || text.includes('missing'))
    .map((text): StoreProblem => ({ kind: 'damage', file: '', position: undefined, text, advice: ADVICE }));
}

function report(call: CliCall, path: string, findings: StoreFindings, opened: Opened | undefined): string {
  const { files, problems } = findings;
  const sum = (pick: (file: (typeof files)[number]) => number): number =>
    files.reduce((all, file) => all + pick(file), 0);
  const records = countText(sum((file) => file.records));
  const lines = [
    `${call.paint('bold', path)}: store ${findings.storeId || 'unknown'}`,
    `${files.length} files, ${bytesText(sum((file) => file.sizeBytes))}; ${countText(sum((file) => file.frames))} frames with ${records} records match their sums`,
  ];
  if (opened !== undefined) {
    const closed = opened.isClean
      ? 'it was closed properly'
      : 'it was not closed, and the next open goes through its log';
    lines.push(`${countText(opened.keys)} keys; ${closed}`);
  }
  for (const { kind, file, position, text, advice } of problems) {
    const place = [file, position === undefined ? '' : `at byte ${countText(position)}`].filter((part) => part !== '');
    const where = place.length === 0 ? '' : `${place.join(' ')}: `;
    lines.push('', `${call.paint(COLORS[kind], WORDS[kind])} ${where}${text}`, `  what to do: ${advice}`);
  }
  const worst = problems.some(({ kind }) => kind === 'damage')
    ? call.paint('red', 'The store is damaged: something that was durable may be lost.')
    : problems.some(({ kind }) => kind === 'repaired')
      ? call.paint('yellow', 'Nothing is lost.')
      : call.paint('green', 'The store is whole.');
  return [...lines, '', worst].join('\n');
}
