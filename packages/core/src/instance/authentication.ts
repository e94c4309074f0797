/** The password of the only user, `default`. Compared by digests, in a time that tells nothing about it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authentication as AuthenticationService } from '../commands/authentication.ts';
import type { Client } from './client.ts';
import { GATE_LOCKED } from './gates.ts';

export class Authentication implements AuthenticationService {
  private digest: Buffer | null = null;

  get isRequired(): boolean {
    return this.digest !== null;
  }

  /** An empty password lets everybody in. Clients that are in stay. */
  setPassword(password: Buffer): void {
    this.digest = password.length === 0 ? null : digestOf(password);
  }

  /** As a new connection is. */
  lock(client: Client): void {
    client.isAuthenticated = !this.isRequired;
    client.parser.isAuthenticated = client.isAuthenticated;
    client.gates = this.isRequired ? client.gates | GATE_LOCKED : client.gates & ~GATE_LOCKED;
  }

  authenticate(client: Client, user: string, password: Buffer): boolean {
    const isRight = this.digest === null || timingSafeEqual(this.digest, digestOf(password));
    if (!isRight || user !== 'default') return false;
    client.isAuthenticated = true;
    client.parser.isAuthenticated = true;
    client.gates &= ~GATE_LOCKED;
    return true;
  }
}

function digestOf(password: Buffer): Buffer {
  return createHash('sha256').update(password).digest();
}
