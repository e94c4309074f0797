/**
 * HTTP on this port: a web page may have made a browser speak to a server that only the browser can reach. A browser
 * sends lines that it does not choose before those that the page does, and one of them begins with POST or Host.
 */
import type { Client } from './client.ts';
import type { Instance } from './instance.ts';

const LOG_EVERY_MS = 60_000;
const ATTACK =
  'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely ' +
  'due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection aborted.';

/** Ends the connection, without an answer, if the command at hand is such a line. */
export function refuseCrossProtocol(instance: Instance, client: Client): boolean {
  const { call } = instance;
  if (!call.is(0, 'post') && !call.is(0, 'host:')) return false;
  const nowMs = instance.store.clock.monotonicMs();
  if (nowMs - instance.attackLoggedMs > LOG_EVERY_MS) {
    instance.attackLoggedMs = nowMs;
    instance.log('warning', ATTACK);
  }
  client.link.destroy();
  return true;
}
