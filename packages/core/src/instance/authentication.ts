/**
 * The password of the only user, `default`. It is compared in a time that depends on what was given alone. Not by
 * `timingSafeEqual`: loading `node:crypto` takes a tenth of the server's start.
 */
import type { Authentication as AuthenticationService } from '../commands/authentication.ts';
import type { Client } from './client.ts';
import { GATE_LOCKED } from './gates.ts';

export class Authentication implements AuthenticationService {
  private password: Buffer | null = null;

  get isRequired(): boolean {
    return this.password !== null;
  }

  /** An empty password lets everybody in. Clients that are in stay. */
  setPassword(password: Buffer): void {
    this.password = password.length === 0 ? null : password;
  }

  /** As a new connection is. */
  lock(client: Client): void {
    client.isAuthenticated = !this.isRequired;
    client.parser.isAuthenticated = client.isAuthenticated;
    client.gates = this.isRequired ? client.gates | GATE_LOCKED : client.gates & ~GATE_LOCKED;
  }

  authenticate(client: Client, user: string, password: Buffer): boolean {
    const isRight = this.password === null || isSame(this.password, password);
    if (!isRight || user !== 'default') return false;
    client.isAuthenticated = true;
    client.parser.isAuthenticated = true;
    client.gates &= ~GATE_LOCKED;
    return true;
  }
}

function isSame(secret: Buffer, given: Buffer): boolean {
  let difference = secret.length ^ given.length;
  for (let i = 0; i < given.length; i++) difference |= given[i] ^ secret[i % secret.length];
  return difference === 0;
}
