/** Spans of the embedded door: of batches, and, where they are asked for, of each call. Their parent is the caller's span. */
import { context } from '@opentelemetry/api';
import { BATCH } from './names.ts';
import { INTERNAL, type SpanMaker } from './span-maker.ts';

/** What the library's door calls the commit of a batch. */
const COMMIT = 'batch';
/** The database of that door. */
const EMBEDDED_DATABASE = 0;

/**
 * Runs a method of a database, and makes its span if it took `slowMs`; `size` are the writes of a batch. What it returns or
 * throws is passed on.
 */
export function spanAround<T>(maker: SpanMaker, slowMs: number, method: string, size: number, run: () => T): T {
  const { clock } = maker;
  const fromMs = clock.monotonicMs();
  // A promise goes on in a context of its own: the caller's is asked for now.
  const parent = context.active();
  const isBatch = method === COMMIT;
  const make = (error: string): void => {
    const toMs = clock.monotonicMs();
    if (toMs - fromMs < slowMs) return;
    const facts = {
      name: isBatch ? BATCH : method,
      kind: INTERNAL,
      database: EMBEDDED_DATABASE,
      size: isBatch ? size : 1,
      error,
      fromMs,
      toMs,
    };
    maker.look();
    maker.end(maker.begin(facts, parent), toMs);
  };
  const fail = (error: unknown): void => make(typeOf(error));
  let result: T;
  try {
    result = run();
  } catch (error) {
    fail(error);
    throw error;
  }
  if (result instanceof Promise) result.then(() => make(''), fail);
  else make('');
  return result;
}

/** Whether a method is a batch's commit. */
export function isCommit(method: string): boolean {
  return method === COMMIT;
}

function typeOf(error: unknown): string {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : '_OTHER';
}
