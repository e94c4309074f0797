/**
 * A writer of the soak: keeps a connection busy, and knows what of it was acknowledged.
 *
 * Keys are its own, and a connection's commands run in order. So after a kill the server must hold what was acknowledged,
 * and of what was sent after that any number of whole operations from the front, none of them in part.
 */
import { encode, ReplyError, RespConnection } from './resp-connection.mjs';
import { namesOf, Operations } from './soak-operations.mjs';

/** The server did what it must not do. */
export class Violation extends Error {
  name = 'Violation';
}

const shownMax = 5;

export class Writer {
  /** `database`: the writer's own, so that it may flush it. */
  constructor(name, random, depth, database) {
    this.name = name;
    this.database = database;
    this.depth = depth;
    this.operations = new Operations(name, random);
    /** After everything that was acknowledged. */
    this.keyspace = new Map();
    /** Sent and not acknowledged, in order. */
    this.pending = [];
    this.repliesOfFirst = 0;
    this.acknowledged = { operations: 0, multi: 0 };
    this.connection = null;
    this.isAsked = false;
    this.violation = null;
  }

  async connect(port) {
    const connection = await RespConnection.open(port);
    await connection.ask('SELECT', String(this.database));
    return connection;
  }

  /** Puts load on the server from now on. */
  async start(port) {
    this.connection = await this.connect(port);
    this.connection.onReply = (reply) => this.onReply(reply);
    this.isAsked = true;
    this.send();
  }

  /** Sends no more; resolves when all that was sent has been answered. */
  async drain() {
    this.isAsked = false;
    while (this.pending.length > 0 && this.violation === null) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Resolves when the connection has ended and all that it brought was looked at. */
  async ended() {
    this.isAsked = false;
    await this.connection.closed;
  }

  send() {
    const { depth, pending, connection } = this;
    let text = '';
    while (pending.length < depth) {
      const operation = this.operations.next();
      pending.push(operation);
      for (const command of operation.commands) text += encode(command);
    }
    connection.write(text);
  }

  onReply(reply) {
    const { pending } = this;
    const operation = pending[0];
    if (operation === undefined) {
      this.violation ??= new Violation(`${this.name}: a reply to nothing: ${show(reply)}`);
      return;
    }
    this.repliesOfFirst++;
    if (this.repliesOfFirst < operation.commands.length) {
      if (reply instanceof ReplyError) this.violation ??= new Violation(`${this.name}: ${reply.message}`);
      return;
    }
    this.repliesOfFirst = 0;
    pending.shift();
    const expected = operation.apply(this.keyspace);
    if (!isEqual(expected, reply)) {
      this.violation ??= new Violation(
        `${this.name}: ${operation.kind} ${operation.names} was answered ${show(reply)}, expected ${show(expected)}`,
      );
    }
    this.acknowledged.operations++;
    if (operation.kind === 'multi') this.acknowledged.multi++;
    if (this.isAsked && pending.length <= this.depth / 2) this.send();
  }

  /**
   * Compares what a started server holds with what was acknowledged. The keyspace then is what is there.
   * Tells the counts `{ keys, kept, lost, multiKept, multiLost }` of what was not acknowledged.
   */
  async verify(port) {
    const held = await this.read(port);
    const { keyspace, pending } = this;
    this.pending = [];
    this.repliesOfFirst = 0;
    const wrong = new Set();
    const look = (name) => {
      if (isSame(keyspace.get(name), held.get(name))) wrong.delete(name);
      else wrong.add(name);
    };
    for (const name of held.keys()) look(name);
    const first = [...wrong].slice(0, shownMax).map((name) => difference(name, keyspace.get(name), held.get(name)));
    const wrongCount = wrong.size;
    let kept = 0;
    for (; wrong.size > 0 && kept < pending.length; kept++) {
      pending[kept].apply(keyspace);
      for (const name of pending[kept].names) look(name);
    }
    if (wrong.size > 0) {
      throw new Violation(
        `${this.name}: ${wrongCount} keys are not as acknowledged, and no number of the ${pending.length} operations ` +
          `sent after that explains it:\n  ${first.join('\n  ')}`,
      );
    }
    const multi = (operations) => operations.filter(({ kind }) => kind === 'multi').length;
    return {
      keys: held.size,
      kept,
      lost: pending.length - kept,
      multiKept: multi(pending.slice(0, kept)),
      multiLost: multi(pending.slice(kept)),
    };
  }

  /** Every key that could be there, with when it was asked for and answered. */
  async read(port) {
    const connection = await this.connect(port);
    const held = new Map();
    const askedMs = Date.now();
    const replies = await Promise.all(
      namesOf(this.name).map(async (name) => {
        const [value, expiresAtMs] = await Promise.all([
          connection.ask('GET', name),
          connection.ask('PEXPIRETIME', name),
        ]);
        return { name, value, expiresAtMs };
      }),
    );
    const answeredMs = Date.now();
    for (const { name, value, expiresAtMs } of replies) held.set(name, { value, expiresAtMs, askedMs, answeredMs });
    connection.destroy();
    return held;
  }
}

/** A key whose time came while it was asked for may be there or not. */
function isSame(expected, { value, expiresAtMs, askedMs, answeredMs }) {
  if (expected === undefined) return value === null;
  const until = expected.expiresAtMs;
  if (until !== 0 && until <= askedMs) return value === null;
  if (until !== 0 && until <= answeredMs) return value === null || value === expected.value;
  return value === expected.value && expiresAtMs === (until === 0 ? -1 : until);
}

function difference(name, expected, held) {
  const wanted = expected === undefined ? 'absent' : `${show(expected.value)} until ${expected.expiresAtMs}`;
  return `${name}: acknowledged ${wanted}, found ${show(held.value)} until ${held.expiresAtMs}`;
}

function isEqual(expected, reply) {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(reply) && reply.length === expected.length && expected.every((each, i) => isEqual(each, reply[i]))
    );
  }
  if (expected instanceof ReplyError) return reply instanceof ReplyError && reply.message === expected.message;
  return expected === reply;
}

function show(reply) {
  if (reply instanceof ReplyError) return reply.message;
  const text = JSON.stringify(reply);
  return text.length > 60 ? `${text.slice(0, 60)}... (${text.length})` : text;
}
