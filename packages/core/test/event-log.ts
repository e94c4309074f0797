/** The keyspace events of an instance, written down: `set k`, `expire k`, in the order they came. */
import type { Call } from '../src/commands/call.ts';
import type { TestInstance } from './test-client.ts';

/** Empties itself when it is read. */
export function logEvents({ instance, driven }: TestInstance): { take(): string[] } {
  const events: string[] = [];
  const note = (_call: Call, _kind: string, event: string): void => {
    const { key } = driven.store;
    if (event !== '') events.push(`${event} ${key.bytes.toString('latin1', 0, key.length)}`);
  };
  Object.assign(instance, { keyChanged: note, keyEvent: note });
  return { take: () => events.splice(0) };
}
