/**
 * The server: transports that let clients in, the connections they have, and the timer that looks after those.
 *
 * Ten times a second a tenth of the connections, or one, is visited (idle clients, soft limits of output, memory not in use),
 * and so is each one that is stopped because its client does not read.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from '../instance/instance.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import type { ServerSettings } from './settings.ts';
import type { AcceptedStream, Transport } from '../registry/transport.ts';

const TICK_MS = 100;
const TICKS_PER_ROUND = 10;
/** How long replies may take to go out when the server closes. */
const DRAIN_MS = 2000;
const DRAIN_LOOK_MS = 5;
const REFUSED_LINGER_MS = 1000;

const TOO_MANY = '-ERR max number of clients reached\r\n';
const DENIED =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the ' +
  'default user. In this mode connections are only accepted from the loopback interface. If you want to connect from ' +
  'external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending ' +
  "the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host " +
  'the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG ' +
  'REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the ' +
  "Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you " +
  "started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an " +
  'authentication password for the default user. NOTE: You only need to do one of the above things in order for the ' +
  'server to start accepting connections from the outside.\r\n';

export class Server implements ConnectionHost {
  readonly instance: Instance;
  readonly settings: ServerSettings;
  private readonly transports: Set<Transport>;
  private readonly warn = (text: string): void => this.instance.log('warning', text);
  private readonly connections: Connection[] = [];
  private readonly stopped = new Set<Connection>();
  private flushQueue: Connection[] = [];
  private readonly timer: NodeJS.Timeout;
  private nextVisit = 0;
  private isClosing = false;

  constructor(instance: Instance, settings: ServerSettings, transports: readonly Transport[]) {
    this.instance = instance;
    this.settings = settings;
    this.transports = new Set(transports);
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  /** Resolves when all transports listen; none does if one of them cannot. */
  async listen(): Promise<void> {
    try {
      for (const transport of this.transports) await this.open(transport);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Lets clients in by one more transport; rejects if it cannot listen. */
  async open(transport: Transport): Promise<void> {
    await transport.listen((stream) => this.accept(stream), this.warn);
    this.transports.add(transport);
  }

  /** Lets nobody in any more by this one. */
  shut(transport: Transport): void {
    this.transports.delete(transport);
    transport.close();
  }

  private accept(stream: AcceptedStream): void {
    const { settings, instance } = this;
    instance.traffic.connectionsAccepted++;
    if (this.isClosing) stream.open(() => {}).destroy();
    else if (instance.clients.size >= settings.clientsMax) {
      instance.traffic.connectionsRejected++;
      refuse(stream, TOO_MANY);
    } else if (settings.protectedMode && !instance.authentication.isRequired && !stream.isLocal) {
      instance.traffic.connectionsRejected++;
      refuse(stream, DENIED);
    } else {
      const connection = new Connection(this, stream);
      connection.index = this.connections.length;
      this.connections.push(connection);
    }
  }

  closed(connection: Connection): void {
    this.stopped.delete(connection);
    const last = this.connections.pop() as Connection;
    if (last === connection) return;
    this.connections[connection.index] = last;
    last.index = connection.index;
  }

  flushLater(connection: Connection): void {
    if (this.flushQueue.push(connection) === 1) setImmediate(() => this.flushQueued());
  }

  private flushQueued(): void {
    const queue = this.flushQueue;
    this.flushQueue = [];
    for (const connection of queue) connection.flush();
  }

  watchStopped(connection: Connection): void {
    this.stopped.add(connection);
  }

  private tick(): void {
    for (const connection of this.stopped) {
      if (connection.isStopped) connection.onStalled();
      else this.stopped.delete(connection);
    }
    this.instance.tick();
    const nowMs = this.instance.store.clock.monotonicMs();
    const { connections } = this;
    for (let left = Math.ceil(connections.length / TICKS_PER_ROUND); left > 0; left--) {
      if (this.nextVisit >= connections.length) this.nextVisit = 0;
      connections[this.nextVisit++]?.visit(nowMs);
    }
  }

  /** Lets nobody in any more, sends the replies to what has been run, and resolves when all connections are closed. */
  async close(): Promise<void> {
    this.isClosing = true;
    const closed = [...this.transports].map((transport) => transport.close());
    for (const connection of [...this.connections]) connection.finish();
    for (let waitedMs = 0; waitedMs < DRAIN_MS; waitedMs += DRAIN_LOOK_MS) {
      if (this.connections.every((each) => each.isSent)) break;
      await delay(DRAIN_LOOK_MS);
    }
    for (const connection of [...this.connections]) connection.destroy();
    clearInterval(this.timer);
    await Promise.all(closed);
  }
}

/** Says why, and hangs up. */
function refuse(stream: AcceptedStream, text: string): void {
  const socket = stream.open(() => {});
  socket.on('error', () => {});
  socket.end(text);
  setTimeout(() => socket.destroy(), REFUSED_LINGER_MS).unref();
}
