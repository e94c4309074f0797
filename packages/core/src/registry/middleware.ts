/**
 * Middleware: what features have run at named stages of a command, of a client's batch of them, and of an operation of
 * the library's door.
 *
 * | stage | when | door |
 * |---|---|---|
 * | `admit` | before a command runs or is queued: a text refuses it | server |
 * | `before` | its handler is about to run; again, if it had to wait (for the disk, a pause) and runs anew | server |
 * | `after` | it was answered | server |
 * | `batchBegin`, `batchEnd` | around what one read of a client brought | server |
 * | `around` | an operation or batch of a `Database`, called in the caller's context | embedded |
 *
 * Compiled once, when the store is opened: a stage is one function, or null where nobody uses it, and then costs a look
 * at that. Who is given a call must not keep it: it is filled anew for the next command.
 */
import type { Call } from '../commands/call.ts';
import type { Session } from '../commands/session.ts';

const INTERNAL_ERROR = 'internal error';

/** An operation of the library's door. */
export interface Operation {
  /** The method's name, such as `get`; `batch` for what a batch commits. */
  readonly name: string;
  /** Keys, or writes of a batch, that it is about; 0 where that is not known. */
  readonly keys: number;
}

export interface Middleware {
  /** An error's text, as `ReplyWriter.error` takes it, refuses the command; an empty one lets it pass. */
  admit?(call: Call): string;
  before?(call: Call): void;
  /** `error`: the text of its error reply, empty for none. */
  after?(call: Call, error: string): void;
  batchBegin?(session: Session): void;
  /** `commands`: how many were answered. */
  batchEnd?(session: Session, commands: number): void;
  /** Must call `run` once, and return what that does: for methods that wait, a promise. */
  around?<T>(operation: Operation, run: () => T): T;
}

/** What a server asks of middleware. Each is null where there is none. */
export interface Stages {
  readonly admit: ((call: Call) => string) | null;
  readonly before: ((call: Call) => void) | null;
  readonly after: ((call: Call, error: string) => void) | null;
  readonly batchBegin: ((session: Session) => void) | null;
  readonly batchEnd: ((session: Session, commands: number) => void) | null;
}

export type Around = <T>(operation: Operation, run: () => T) => T;

/**
 * Those that come first are outermost: their `before` runs first, their `after` last. What one of them throws is told to
 * `onError`, and disturbs no other and no command.
 */
export function compileStages(all: readonly Middleware[], onError: OnError): Stages {
  const admit = pick(all, 'admit').map((each) => (call: Call): string => {
    try {
      return each(call);
    } catch (error) {
      onError(error);
      return INTERNAL_ERROR;
    }
  });
  return {
    admit: chain(admit, (one, other) => (call) => one(call) || other(call)),
    before: inTurn(pick(all, 'before'), onError),
    after: inTurnWith(pick(all, 'after').reverse(), onError),
    batchBegin: inTurn(pick(all, 'batchBegin'), onError),
    batchEnd: inTurnWith(pick(all, 'batchEnd').reverse(), onError),
  };
}

/** One function that calls all of them. */
function inTurn<A>(all: readonly ((a: A) => void)[], onError: OnError): ((a: A) => void) | null {
  const guarded = all.map((run) => (a: A) => {
    try {
      run(a);
    } catch (error) {
      onError(error);
    }
  });
  return chain(guarded, (one, other) => (a) => {
    one(a);
    other(a);
  });
}

/** The same for functions of two arguments. */
function inTurnWith<A, B>(all: readonly ((a: A, b: B) => void)[], onError: OnError): ((a: A, b: B) => void) | null {
  const guarded = all.map((run) => (a: A, b: B) => {
    try {
      run(a, b);
    } catch (error) {
      onError(error);
    }
  });
  return chain(guarded, (one, other) => (a, b) => {
    one(a, b);
    other(a, b);
  });
}

export function compileAround(all: readonly Middleware[]): Around | null {
  const arounds = all.filter(({ around }) => around !== undefined);
  return chain(
    arounds.map(
      (each): Around =>
        (operation, run) =>
          (each as Required<Middleware>).around(operation, run),
    ),
    (outer, inner) => (operation, run) => outer(operation, () => inner(operation, run)),
  );
}

type Stage = keyof Stages;
type OnError = (error: unknown) => void;

/** The functions of a stage, each bound to its middleware. */
function pick<S extends Stage>(all: readonly Middleware[], stage: S): Required<Middleware>[S][] {
  return all.flatMap((each) => {
    const found = each[stage];
    return found === undefined ? [] : [found.bind(each) as Required<Middleware>[S]];
  });
}

/** One function that does what all of them do, in their order. */
function chain<F>(all: readonly F[], join: (one: F, other: F) => F): F | null {
  return all.length === 0 ? null : all.reduce(join);
}
