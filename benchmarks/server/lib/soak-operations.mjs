/**
 * What a writer of the soak does to keys of its own, and what each operation makes of them.
 *
 * A keyspace is a Map from a name to `{ value, expiresAtMs }`, 0 for a key that stays. An operation has the `commands`
 * that are sent, the `names` it touches, and `apply`, which makes the change in a keyspace and tells the reply.
 * Times are absolute, so that nobody has to guess when a command ran: keys either live for hours, or (`short`) are only
 * ever set whole, with a time at which they end.
 */
import { ReplyError } from './resp-connection.mjs';

const counts = { counter: 50, text: 400, short: 50, blob: 12 };
const hourMs = 3_600_000;
const textLengthMax = 600;
const blobLengths = [70_000, 300_000];
const appendLengthMax = 4000;

export function namesOf(writer) {
  return Object.keys(counts).flatMap((kind) =>
    Array.from({ length: counts[kind] }, (_, i) => `${writer}:${kind}:${i}`),
  );
}

/** Draws operations of one writer. */
export class Operations {
  constructor(writer, random) {
    this.writer = writer;
    this.random = random;
    this.serial = 0;
    this.table = [
      [24, () => this.set()],
      [20, () => incrBy(this.name('counter'), this.between(-1000, 1_000_000))],
      [12, () => append(this.name('text'), this.value(this.random.below(60)))],
      [8, () => del(this.some('text', 3))],
      [8, () => this.mset('text', this.between(2, 10), textLengthMax)],
      [8, () => setRange(this.name('text'), this.random.below(textLengthMax), this.value(this.random.below(60)))],
      [4, () => expireAt(this.name('text'), Date.now() + this.between(hourMs, 100 * hourMs))],
      [2, () => persist(this.name('text'))],
      [3, () => rename(this.name('text'), this.name('text'))],
      [4, () => this.setShort()],
      [6, () => get(this.name('text'))],
      [4, () => this.multi()],
      [0.05, () => set(this.name('blob'), this.value(this.between(...blobLengths)))],
      [
        0.05,
        () => setRange(this.name('blob'), this.random.below(blobLengths[0]), this.value(this.random.below(20_000))),
      ],
      [0.05, () => append(this.name('blob'), this.value(this.random.below(appendLengthMax)))],
      [0.02, () => del(this.some('blob', 2))],
      // More than a page of the log: one group of frames.
      [0.01, () => this.mset('blob', 6, blobLengths[1])],
      [0.005, () => flush(namesOf(writer))],
    ];
    this.total = this.table.reduce((sum, [weight]) => sum + weight, 0);
  }

  next() {
    let at = this.random.fraction() * this.total;
    for (const [weight, make] of this.table) {
      if (at < weight) return make();
      at -= weight;
    }
    return this.set();
  }

  between(min, max) {
    return min + this.random.below(max - min + 1);
  }

  name(kind) {
    return `${this.writer}:${kind}:${this.random.below(counts[kind])}`;
  }

  some(kind, countMax) {
    return Array.from({ length: this.between(1, countMax) }, () => this.name(kind));
  }

  /** No other is like it, if it is long enough for that. */
  value(length) {
    this.serial++;
    return `${this.serial.toString(36)}.`.padEnd(length, 'abcdefghijklmnopqrstuvwxyz').slice(0, length);
  }

  set() {
    return set(this.name('text'), this.value(this.random.below(textLengthMax)));
  }

  setShort() {
    return set(this.name('short'), this.value(20), Date.now() + this.between(50, 5000));
  }

  mset(kind, count, lengthMax) {
    const pairs = Array.from({ length: count }, () => [this.name(kind), this.value(this.random.below(lengthMax))]);
    return mset(pairs);
  }

  multi() {
    const makers = [
      () => this.set(),
      () => incrBy(this.name('counter'), 1),
      () => append(this.name('text'), this.value(10)),
      () => del(this.some('text', 2)),
      () => this.mset('text', 3, textLengthMax),
      () => get(this.name('text')),
    ];
    const parts = Array.from({ length: this.between(2, 6) }, () => makers[this.random.below(makers.length)]());
    return {
      kind: 'multi',
      names: parts.flatMap(({ names }) => names),
      commands: [['MULTI'], ...parts.flatMap(({ commands }) => commands), ['EXEC']],
      apply: (keyspace) => parts.map((part) => part.apply(keyspace)),
    };
  }
}

function one(kind, names, command, apply) {
  return { kind, names, commands: [command], apply };
}

/** Of the writer's own database. */
function flush(names) {
  return one('flush', names, ['FLUSHDB'], (keyspace) => {
    keyspace.clear();
    return 'OK';
  });
}

function set(name, value, expiresAtMs = 0) {
  const command = ['SET', name, value, ...(expiresAtMs === 0 ? [] : ['PXAT', String(expiresAtMs)])];
  return one('set', [name], command, (keyspace) => {
    keyspace.set(name, { value, expiresAtMs });
    return 'OK';
  });
}

function mset(pairs) {
  return one(
    'mset',
    pairs.map(([name]) => name),
    ['MSET', ...pairs.flat()],
    (keyspace) => {
      for (const [name, value] of pairs) keyspace.set(name, { value, expiresAtMs: 0 });
      return 'OK';
    },
  );
}

function incrBy(name, by) {
  return one('incr', [name], by === 1 ? ['INCR', name] : ['INCRBY', name, String(by)], (keyspace) => {
    const result = Number(keyspace.get(name)?.value ?? 0) + by;
    change(keyspace, name, String(result));
    return result;
  });
}

function append(name, value) {
  return one('append', [name], ['APPEND', name, value], (keyspace) => {
    const result = (keyspace.get(name)?.value ?? '') + value;
    change(keyspace, name, result);
    return result.length;
  });
}

function setRange(name, at, value) {
  return one('setrange', [name], ['SETRANGE', name, String(at), value], (keyspace) => {
    const before = keyspace.get(name)?.value ?? '';
    if (value === '') return before.length;
    const result = before.slice(0, at).padEnd(at, '\0') + value + before.slice(at + value.length);
    change(keyspace, name, result);
    return result.length;
  });
}

function del(names) {
  return one('del', names, ['DEL', ...names], (keyspace) => names.filter((name) => keyspace.delete(name)).length);
}

function expireAt(name, atMs) {
  return one('expire', [name], ['PEXPIREAT', name, String(atMs)], (keyspace) => {
    const entry = keyspace.get(name);
    if (entry === undefined) return 0;
    keyspace.set(name, { value: entry.value, expiresAtMs: atMs });
    return 1;
  });
}

function persist(name) {
  return one('persist', [name], ['PERSIST', name], (keyspace) => {
    const entry = keyspace.get(name);
    if (entry === undefined || entry.expiresAtMs === 0) return 0;
    keyspace.set(name, { value: entry.value, expiresAtMs: 0 });
    return 1;
  });
}

function rename(from, to) {
  return one('rename', [from, to], ['RENAME', from, to], (keyspace) => {
    const entry = keyspace.get(from);
    if (entry === undefined) return new ReplyError('ERR no such key');
    keyspace.delete(from);
    keyspace.set(to, entry);
    return 'OK';
  });
}

function get(name) {
  return one('get', [], ['GET', name], (keyspace) => keyspace.get(name)?.value ?? null);
}

/** A value changes, and how long its key lives does not. */
function change(keyspace, name, value) {
  keyspace.set(name, { value, expiresAtMs: keyspace.get(name)?.expiresAtMs ?? 0 });
}
