/** Channels, and who has subscribed to them or to patterns of their names. Names are in latin1. */
import { matchGlob } from '../base/glob.ts';
import type { ChannelKind, Channels as ChannelService, Subscriptions } from '../commands/channels.ts';
import type { Client } from './client.ts';
import { GATE_SUBSCRIBED } from './gates.ts';
import type { Pushes } from './pushes.ts';

const KINDS: readonly ChannelKind[] = ['channel', 'pattern', 'shard'];

export interface ClientSubscriptions extends Subscriptions {
  readonly channel: Set<string>;
  readonly pattern: Set<string>;
  readonly shard: Set<string>;
}

interface Topic {
  readonly name: Buffer;
  readonly clients: Set<Client>;
}

export class Channels implements ChannelService {
  private readonly pushes: Pushes;
  private readonly topics: Record<ChannelKind, Map<string, Topic>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  constructor(pushes: Pushes) {
    this.pushes = pushes;
  }

  subscribe(client: Client, kind: ChannelKind, name: string): void {
    client.subscriptions ??= { channel: new Set(), pattern: new Set(), shard: new Set() };
    client.subscriptions[kind].add(name);
    client.gates |= GATE_SUBSCRIBED;
    client.type = 'pubsub';
    const topic = this.topics[kind].get(name);
    if (topic !== undefined) topic.clients.add(client);
    else this.topics[kind].set(name, { name: Buffer.from(name, 'latin1'), clients: new Set([client]) });
  }

  unsubscribe(client: Client, kind: ChannelKind, name: string): void {
    const { subscriptions } = client;
    if (subscriptions?.[kind].delete(name) !== true) return;
    const topic = this.topics[kind].get(name);
    topic?.clients.delete(client);
    if (topic?.clients.size === 0) this.topics[kind].delete(name);
    if (subscriptions.channel.size + subscriptions.pattern.size + subscriptions.shard.size > 0) return;
    client.subscriptions = null;
    client.gates &= ~GATE_SUBSCRIBED;
    client.type = 'normal';
  }

  unsubscribeAll(client: Client): void {
    for (const kind of KINDS) {
      for (const name of [...(client.subscriptions?.[kind] ?? [])]) this.unsubscribe(client, kind, name);
    }
  }

  publish(kind: 'channel' | 'shard', channel: string, message: Buffer, start: number, end: number): number {
    let count = 0;
    const topic = this.topics[kind].get(channel);
    if (topic !== undefined) {
      count += this.pushes.sendAll(topic.clients, (reply) => {
        reply.push(3);
        reply.bulkLatin1(kind === 'shard' ? 'smessage' : 'message');
        reply.bulkLatin1(channel);
        reply.bulk(message, start, end);
      });
    }
    if (kind === 'shard' || this.topics.pattern.size === 0) return count;
    const name = Buffer.from(channel, 'latin1');
    for (const { name: pattern, clients } of this.topics.pattern.values()) {
      if (!matchGlob(pattern, name, 0, name.length)) continue;
      count += this.pushes.sendAll(clients, (reply) => {
        reply.push(4);
        reply.bulkLatin1('pmessage');
        reply.bulk(pattern, 0, pattern.length);
        reply.bulkLatin1(channel);
        reply.bulk(message, start, end);
      });
    }
    return count;
  }

  names(kind: ChannelKind): Iterable<string> {
    return this.topics[kind].keys();
  }

  countSubscribers(kind: ChannelKind, name: string): number {
    return this.topics[kind].get(name)?.clients.size ?? 0;
  }

  count(kind: ChannelKind): number {
    return this.topics[kind].size;
  }
}
