/** All clients of an instance, as CLIENT shows them, and what one of them can do to the others. */
import type { Session, Sessions } from '../commands/session.ts';
import type { Client } from './client.ts';
import { GATE_DEFERRED, GATE_MONITOR, GATE_MONITORED, GATE_MULTI, GATE_SKIP, GATE_SUBSCRIBED } from './gates.ts';
import type { Instance } from './instance.ts';

const MS_PER_SECOND = 1000;

export class ClientList implements Sessions {
  private readonly instance: Instance;

  constructor(instance: Instance) {
    this.instance = instance;
  }

  all(): Iterable<Session> {
    return this.instance.clients.values();
  }

  find(id: number): Session | undefined {
    return this.instance.clients.get(id);
  }

  kill(client: Client): void {
    client.closesAfterReply = true;
    client.link.destroy();
    this.instance.disconnect(client);
  }

  reset(client: Client): void {
    this.instance.forget(client);
    client.gates &= GATE_DEFERRED;
    client.database = 0;
    client.name = '';
    client.isNoEvict = false;
    client.isNoTouch = false;
    client.reply.proto = 2;
    this.setReplies(client, 'on');
    this.instance.authentication.lock(client);
  }

  setReplies(client: Client, mode: 'on' | 'off' | 'skip'): void {
    if (mode === 'skip') {
      client.skipsNext = !client.isReplyOff;
      client.gates |= GATE_SKIP;
      return;
    }
    client.isReplyOff = mode === 'off';
    client.skipsNext = false;
    client.reply.isMuted = client.isReplyOff;
  }

  monitor(client: Client): void {
    client.gates |= GATE_MONITOR;
    this.instance.monitors.clients.add(client);
    this.instance.gates |= GATE_MONITORED;
  }

  pause(untilMs: number, isAll: boolean): void {
    this.instance.pause.begin(untilMs, isAll);
  }

  postpone(session: Client, ready: Promise<void>): void {
    session.isSuspended = true;
    session.hasCommandAtHand = true;
    const goOn = (): void => {
      session.isSuspended = false;
      if (this.instance.clients.has(session.id)) session.link.resume();
    };
    ready.then(goOn, goOn);
  }

  endPause(): void {
    this.instance.pause.end();
  }

  describe(client: Client): string {
    const { instance } = this;
    const { parser, reply, link, subscriptions, queue, tracking } = client;
    const nowMs = instance.store.nowMs();
    const argumentBytes = parser.argc > 0 ? parser.ends[parser.argc - 1] - parser.starts[0] : 0;
    const pendingBytes = parser.pendingBytes + (instance.pushes.executing === client ? requestLength(client) : 0);
    const queueBytes = queue?.heldBytes ?? 0;
    const outputBytes = reply.length + link.waitingBytes;
    const row = client.lastRow;
    const fields = [
      `id=${client.id}`,
      `addr=${client.address}`,
      `laddr=${client.localAddress}`,
      'fd=-1',
      `name=${client.name}`,
      `age=${secondsBetween(client.connectedMs, nowMs)}`,
      `idle=${secondsBetween(client.activeMs, nowMs)}`,
      `flags=${flagsOf(client)}`,
      `db=${client.database}`,
      `sub=${subscriptions?.channel.size ?? 0}`,
      `psub=${subscriptions?.pattern.size ?? 0}`,
      `ssub=${subscriptions?.shard.size ?? 0}`,
      `multi=${queue?.size ?? -1}`,
      `qbuf=${pendingBytes}`,
      `qbuf-free=${Math.max(0, parser.bufferBytes - pendingBytes)}`,
      `argv-mem=${argumentBytes}`,
      `multi-mem=${queueBytes}`,
      'rbs=0',
      'rbp=0',
      `obl=${reply.length}`,
      `oll=${link.waitingBytes > 0 ? 1 : 0}`,
      `omem=${link.waitingBytes}`,
      `tot-mem=${parser.bufferBytes + pendingBytes + queueBytes + outputBytes}`,
      `events=${link.waitingBytes > 0 ? 'rw' : 'r'}`,
      `cmd=${row === null ? 'NULL' : instance.fullNameOf(row)}`,
      `user=${client.userName}`,
      `redir=${tracking?.redirect ?? -1}`,
      `resp=${reply.proto}`,
      `lib-name=${client.libraryName}`,
      `lib-ver=${client.libraryVersion}`,
    ];
    return fields.join(' ');
  }
}

/** Bytes of the request that the parser stands at, if it came as an array. */
function requestLength({ parser }: Client): number {
  let length = `*${parser.argc}\r\n`.length;
  for (let i = 0; i < parser.argc; i++) {
    const size = parser.ends[i] - parser.starts[i];
    length += `$${size}\r\n\r\n`.length + size;
  }
  return length;
}

function flagsOf(client: Client): string {
  const { gates, tracking } = client;
  let flags = '';
  if ((gates & GATE_MONITOR) !== 0) flags += 'O';
  if ((gates & GATE_SUBSCRIBED) !== 0) flags += 'P';
  if ((gates & GATE_MULTI) !== 0) flags += 'x';
  if (client.isSuspended) flags += 'b';
  if (tracking !== null) flags += 't';
  if (tracking?.isRedirectBroken === true) flags += 'R';
  if (tracking?.isBroadcast === true) flags += 'B';
  if (client.isWatchBroken) flags += 'd';
  if (client.closesAfterReply) flags += 'c';
  if (client.address.endsWith(':0') && client.address.startsWith('/')) flags += 'U';
  if (client.isNoEvict) flags += 'e';
  if (client.isNoTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}

/** Whole seconds; none if the clock was set back. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.max(0, Math.floor((toMs - fromMs) / MS_PER_SECOND));
}
