/** SLOWLOG: the commands that took long, the latest first, each with as much of its arguments as fits. */
import type { Call } from '../commands/call.ts';
import type { CommandRow } from '../commands/command.ts';
import type { SlowEntry, SlowLog as SlowLogService } from '../commands/slow-log.ts';
import type { Client } from './client.ts';

const ARGUMENTS_MAX = 32;
const ARGUMENT_BYTES_MAX = 128;
const REDACTED = '(redacted)';
const MS_PER_SECOND = 1000;

export class SlowLog implements SlowLogService {
  /** `slowlog-log-slower-than`: 0 for all commands, negative for none. */
  thresholdMicros = 10_000;
  /** `slowlog-max-len` */
  lengthMax = 128;
  entries: SlowEntry[] = [];
  private nextId = 0;

  /** The call's command took `micros`. */
  note(call: Call, row: CommandRow, client: Client, micros: number): void {
    if (this.thresholdMicros < 0 || this.lengthMax <= 0 || micros < this.thresholdMicros) return;
    this.entries.unshift({
      id: this.nextId++,
      atSeconds: Math.floor(call.store.nowMs() / MS_PER_SECOND),
      micros: Math.round(micros),
      argumentTexts: shownArguments(call, row),
      address: client.address,
      name: client.name,
    });
    this.trim();
  }

  /** `lengthMax` has changed. */
  trim(): void {
    if (this.entries.length > this.lengthMax) this.entries.length = Math.max(0, this.lengthMax);
  }

  clear(): void {
    this.entries = [];
  }
}

/** In latin1. */
function shownArguments(call: Call, row: CommandRow): string[] {
  const secrets: number[] = [];
  row.findSecrets?.(call, (i) => secrets.push(i));
  const shown = Math.min(call.argc, ARGUMENTS_MAX);
  const texts: string[] = [];
  for (let i = 0; i < shown; i++) {
    if (call.argc > ARGUMENTS_MAX && i === shown - 1) {
      texts.push(`... (${call.argc - shown + 1} more arguments)`);
    } else if (secrets.includes(i)) texts.push(REDACTED);
    else texts.push(shownArgument(call, i));
  }
  return texts;
}

function shownArgument(call: Call, i: number): string {
  const length = call.lengthOf(i);
  if (length <= ARGUMENT_BYTES_MAX) return call.latin1(i);
  const start = call.starts[i];
  const text = call.bytes.toString('latin1', start, start + ARGUMENT_BYTES_MAX);
  return `${text}... (${length - ARGUMENT_BYTES_MAX} more bytes)`;
}
