/** What the server may be told, while it runs, about the connections it has: redis's names stand beside each field. */
import type { OutputClass } from '../instance/client.ts';

/** Output of a client that it does not read: beyond `hardBytes`, or beyond `softBytes` for so long, it is dropped. 0: no limit. */
export interface OutputLimit {
  hardBytes: number;
  softBytes: number;
  softSeconds: number;
}

const MB = 1024 * 1024;

export class ServerSettings {
  /** `maxclients` */
  clientsMax = 10_000;
  /** `timeout`: clients that send nothing for so long are dropped, 0 for never. */
  idleSeconds = 0;
  /** `tcp-keepalive` */
  keepAliveSeconds = 300;
  /** `client-query-buffer-limit` */
  queryBytesMax = 1024 * MB;
  /** `client-output-buffer-limit` */
  readonly outputLimits: Record<OutputClass, OutputLimit> = {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * MB, softBytes: 64 * MB, softSeconds: 60 },
    pubsub: { hardBytes: 32 * MB, softBytes: 8 * MB, softSeconds: 60 },
  };
  /** `protected-mode`: without a password, only clients from this machine are let in. */
  protectedMode = true;
}
