/** What features see of a server. */
import type { CommandRow } from '../commands/command.ts';
import type { CommandFigures } from '../commands/statistics.ts';
import { everyRow } from '../instance/information.ts';
import type { Instance } from '../instance/instance.ts';
import type { ServerView } from '../registry/feature-context.ts';

export class InstanceView implements ServerView {
  readonly address: string;
  readonly port: number;
  private readonly instance: Instance;

  constructor(instance: Instance, address: string, port: number) {
    this.instance = instance;
    this.address = address;
    this.port = port;
  }

  parameter(name: string): string | undefined {
    return this.instance.config.valueOf(name);
  }

  get connections(): number {
    return this.instance.clients.size;
  }

  get connectionsAccepted(): number {
    return this.instance.traffic.connectionsAccepted;
  }

  get connectionsRejected(): number {
    return this.instance.traffic.connectionsRejected;
  }

  get inputBytes(): number {
    return this.instance.traffic.inputBytes;
  }

  get outputBytes(): number {
    return this.instance.traffic.outputBytes;
  }

  get keyHits(): number {
    return this.instance.call.keyHits;
  }

  get keyMisses(): number {
    return this.instance.call.keyMisses;
  }

  nameOf(row: CommandRow): string {
    return this.instance.fullNameOf(row);
  }

  *commands(): Iterable<readonly [name: string, figures: CommandFigures]> {
    const { instance } = this;
    for (const [name, row] of everyRow(instance)) {
      const figures = instance.statistics.of(row);
      if (figures !== undefined) yield [name, figures];
    }
  }
}
