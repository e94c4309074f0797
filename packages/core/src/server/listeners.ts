/**
 * The TCP addresses that a server listens on, which CONFIG SET may change.
 *
 * Whether it can listen on others shows only after a while. So those are opened first (`prepare`), while the command
 * waits; then it is known whether the values can be taken (`check`), and at the end one set of listeners is closed.
 * Addresses in both sets stay as they are. Connections outlive the listener that accepted them.
 */
import type { Config, Preparation } from '../instance/config.ts';
import { ConfigError } from '../instance/config-kinds.ts';
import { tcpTransport } from './net-transport.ts';
import type { Server } from './server.ts';
import type { Transport } from '../registry/transport.ts';

const CANNOT_LISTEN = 'Unable to listen on this port. Check server logs.';
const CANNOT_BIND = 'Failed to bind to specified addresses.';

/** Transports by `port address`. */
type Transports = ReadonlyMap<string, Transport>;

interface Prepared {
  key: string;
  transports: Transports;
  /** Those that were opened for it. */
  opened: readonly Transport[];
  isListening: boolean;
}

/** One for each address of a configuration, by that. */
export function tcpTransports(config: Config, port: number, settings: Server['settings']): Map<string, Transport> {
  const backlog = config.number('tcp-backlog');
  return new Map(config.words('bind').map((host) => [host, tcpTransport(host, port, backlog, settings)] as const));
}

export class Listeners implements Preparation {
  private readonly server: Server;
  private readonly config: Config;
  private current: Transports;
  /** What the current ones were opened for. */
  private key: string;
  private next: Prepared | null = null;

  /** `listening`: by their address. */
  constructor(server: Server, config: Config, listening: Transports) {
    this.server = server;
    this.config = config;
    this.current = new Map([...listening].map(([host, transport]) => [`${transport.port} ${host}`, transport]));
    this.key = this.keyOf();
  }

  prepare(port: string, bind: string): Promise<void> | null {
    const key = `${port} ${bind}`;
    if (key === this.key || key === this.next?.key) return null;
    return this.open(key, Number(port), bind === '' ? [] : bind.split(' '));
  }

  check(): void {
    const key = this.keyOf();
    if (key === this.key || (this.next?.key === key && this.next.isListening)) return;
    const isPort = key.split(' ')[0] !== this.key.split(' ')[0];
    throw new ConfigError(isPort ? CANNOT_LISTEN : CANNOT_BIND);
  }

  end(isSet: boolean): void {
    const { next, current } = this;
    if (next === null) return;
    this.next = null;
    if (!isSet || next.key !== this.keyOf()) {
      this.closeAll(next.opened);
      return;
    }
    this.key = next.key;
    this.current = next.transports;
    const kept = new Set(next.transports.values());
    this.closeAll([...current.values()].filter((transport) => !kept.has(transport)));
  }

  private async open(key: string, port: number, hosts: readonly string[]): Promise<void> {
    const { server, config } = this;
    const transports = new Map<string, Transport>();
    const opened: Transport[] = [];
    let isListening = true;
    for (const host of port === 0 ? [] : hosts) {
      const known = this.current.get(`${port} ${host}`);
      const transport = known ?? tcpTransport(host, port, config.number('tcp-backlog'), server.settings);
      transports.set(`${port} ${host}`, transport);
      if (known !== undefined) continue;
      try {
        await server.open(transport);
        opened.push(transport);
      } catch (error) {
        server.instance.log('warning', (error as Error).message);
        isListening = false;
      }
    }
    if (transports.size > 0 && [...transports.values()].every(({ address }) => address === '')) isListening = false;
    if (this.next !== null) this.closeAll(this.next.opened);
    this.next = { key, transports, opened, isListening };
  }

  private closeAll(transports: readonly Transport[]): void {
    for (const transport of transports) this.server.shut(transport);
  }

  private keyOf(): string {
    return `${this.config.text('port')} ${this.config.text('bind')}`;
  }
}
