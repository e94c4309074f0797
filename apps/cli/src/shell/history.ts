/**
 * The lines that were typed, kept in a file of the user's own (mode 0600), a line each, the newest last.
 *
 * A line that tells a password is not kept. What cannot be read or written is passed over: a history is a comfort.
 */
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LINES_MAX = 1000;
const MODE = 0o600;
const SECRETS = [
  /^\s*auth\b/i,
  /^\s*hello\b.*\bauth\b/i,
  /^\s*acl\s+setuser\b/i,
  /^\s*migrate\b.*\bauth2?\b/i,
  /^\s*config\s+set\b.*\b(requirepass|masterauth|tls-key-file-pass|tls-client-key-file-pass)\b/i,
];

export function historyPath(): string {
  return process.env['FERRITE_HISTORY'] ?? join(homedir(), '.ferrite_history');
}

export class History {
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The newest first, as `readline` wants them. Shortens a file that has become long. */
  load(): string[] {
    try {
      const lines = readFileSync(this.path, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      chmodSync(this.path, MODE);
      const kept = lines.slice(-LINES_MAX);
      if (kept.length < lines.length) writeFileSync(this.path, `${kept.join('\n')}\n`, { mode: MODE });
      return kept.reverse();
    } catch {
      return [];
    }
  }

  /** True if it is one to keep. */
  add(line: string): boolean {
    if (line.trim() === '' || SECRETS.some((secret) => secret.test(line))) return false;
    try {
      appendFileSync(this.path, `${line}\n`, { mode: MODE });
    } catch {
      // It cannot be kept; the session goes on.
    }
    return true;
  }
}
