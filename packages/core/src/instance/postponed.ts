/** Clients whose command at hand has to wait until something is over; then they run it as if it had just come. */
import type { Client } from './client.ts';
import type { Instance } from './instance.ts';

export class Postponed {
  private readonly instance: Instance;
  private clients: Client[] = [];

  constructor(instance: Instance) {
    this.instance = instance;
  }

  add(client: Client): void {
    client.isSuspended = true;
    client.hasCommandAtHand = true;
    this.clients.push(client);
  }

  /** All go on in a turn of their own: a command may be running. */
  release(): void {
    const { instance, clients } = this;
    this.clients = [];
    if (clients.length === 0) return;
    instance.store.yieldTurn().then(() => {
      for (const client of clients) {
        client.isSuspended = false;
        if (instance.clients.has(client.id)) client.link.resume();
      }
    });
  }
}
