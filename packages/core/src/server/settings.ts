/** What the server may be told, while it runs, about the connections it has: redis's names stand beside each field. */
import type { OutputClass } from '../instance/client.ts';
import type { Config } from '../instance/config.ts';

/** Output of a client that it does not read: beyond `hardBytes`, or beyond `softBytes` for so long, it is dropped. 0: no limit. */
interface OutputLimit {
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

/** From now on the settings are as the configuration has them. */
export function followSettings(settings: ServerSettings, config: Config): void {
  config.follow('maxclients', (text) => {
    settings.clientsMax = Number(text);
  });
  config.follow('timeout', (text) => {
    settings.idleSeconds = Number(text);
  });
  config.follow('tcp-keepalive', (text) => {
    settings.keepAliveSeconds = Number(text);
  });
  config.follow('client-query-buffer-limit', (text) => {
    settings.queryBytesMax = Number(text);
  });
  config.follow('protected-mode', (text) => {
    settings.protectedMode = text === 'yes';
  });
  config.follow('client-output-buffer-limit', (text) => setOutputLimits(settings, text.split(' ')));
}

/** Each class takes four words: its name, two sizes and seconds. */
function setOutputLimits({ outputLimits }: ServerSettings, words: readonly string[]): void {
  for (let i = 0; i < words.length; i += 4) {
    const limit = outputLimits[words[i] === 'slave' ? 'replica' : (words[i] as OutputClass)];
    limit.hardBytes = Number(words[i + 1]);
    limit.softBytes = Number(words[i + 2]);
    limit.softSeconds = Number(words[i + 3]);
  }
}
