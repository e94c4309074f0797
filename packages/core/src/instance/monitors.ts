/** MONITOR: clients that are shown each command, as a line. */
import type { Call } from '../commands/call.ts';
import type { Client } from './client.ts';
import type { Pushes } from './pushes.ts';

const MS_PER_SECOND = 1000;
const MICROSECONDS_DIGITS = 6;
const ESCAPES = new Map([
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

export class Monitors {
  readonly clients = new Set<Client>();
  private readonly pushes: Pushes;

  constructor(pushes: Pushes) {
    this.pushes = pushes;
  }

  /** Shows the command that was just run. */
  feed(call: Call): void {
    const secrets: number[] = [];
    call.row.findSecrets?.(call, (i) => secrets.push(i));
    const nowMs = call.store.nowMs();
    const time = (nowMs / MS_PER_SECOND).toFixed(MICROSECONDS_DIGITS);
    let line = `${time} [${call.session.database} ${call.session.address}]`;
    for (let i = 0; i < call.argc; i++) line += ` "${secrets.includes(i) ? '(redacted)' : quoted(call.viewOf(i))}"`;
    this.pushes.sendAll(this.clients, (reply) => reply.simple(line));
  }
}

/** Bytes as redis shows them in its logs. */
function quoted(bytes: Buffer): string {
  let text = '';
  for (const byte of bytes) {
    const isPrintable = byte >= 0x20 && byte < 0x7f;
    text += ESCAPES.get(byte) ?? (isPrintable ? String.fromCharCode(byte) : hex(byte));
  }
  return text;
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
