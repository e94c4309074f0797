/** Clients that wait until what was written so far is durable: WAITAOF. Nobody else waits with them. */
import type { Call } from '../commands/call.ts';
import type { CommitAnswer, CommitWaits as CommitWaitService } from '../commands/commit-waits.ts';
import type { Client } from './client.ts';
import { errorText } from './error-text.ts';
import { answered } from './executor.ts';
import type { Instance } from './instance.ts';
import { conclude } from './stages.ts';

interface CommitWait {
  readonly client: Client;
  /** On the monotonic clock; Infinity for never. */
  readonly untilMs: number;
  readonly answer: CommitAnswer;
}

export class CommitWaits implements CommitWaitService {
  private readonly instance: Instance;
  private readonly waits = new Set<CommitWait>();

  constructor(instance: Instance) {
    this.instance = instance;
  }

  wait(call: Call, timeoutMs: number, answer: CommitAnswer): void {
    const { store } = this.instance;
    const client = call.session as Client;
    if (client.isInExec || store.isDurable) {
      answer(call.reply, store.isDurable);
      return;
    }
    const untilMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : store.clock.monotonicMs() + timeoutMs;
    const wait = { client, untilMs, answer };
    const committed = store.committer.commit();
    this.waits.add(wait);
    client.isSuspended = true;
    committed.then(
      () => this.end(wait, () => answer(client.reply, true)),
      (error) => this.end(wait, () => client.reply.error(errorText(error))),
    );
  }

  /** Several times a second. */
  endDue(): void {
    if (this.waits.size === 0) return;
    const nowMs = this.instance.store.clock.monotonicMs();
    for (const wait of this.waits) {
      if (nowMs >= wait.untilMs) this.end(wait, () => wait.answer(wait.client.reply, false));
    }
  }

  private end(wait: CommitWait, reply: () => void): void {
    if (!this.waits.delete(wait)) return;
    const { client } = wait;
    const { instance } = this;
    client.isSuspended = false;
    if (!instance.clients.has(client.id)) return;
    reply();
    if ((client.gates | instance.gates) !== 0) conclude(instance, client);
    answered(instance, client);
    client.link.resume();
  }
}
