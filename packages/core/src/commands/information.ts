/** INFO. What it says is put together by the instance. */
import type { Call } from './call.ts';
import { type CommandRow, LOADING, STALE } from './command.ts';

const DEFAULT_SECTIONS = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'errorstats',
  'cluster',
  'keyspace',
  'ferrite',
];
const MORE_SECTIONS = ['commandstats', 'latencystats'];

/** Implemented in `instance/`. */
export interface Information {
  /** The sections whose names are among these, in the order of redis. */
  text(sections: ReadonlySet<string>): string;
  /** Those that features add: shown by default. */
  readonly moreSections: readonly string[];
  /** Memory in bytes, by part, as MEMORY STATS shows it. */
  memory(): MemoryFigures;
}

/** Bytes. */
export interface MemoryFigures {
  used: number;
  rss: number;
  peak: number;
  startup: number;
  /** Pages, records in memory and copies of those on disk. */
  data: number;
  index: number;
  readCache: number;
  orderedIndex: number;
  expiry: number;
  clients: number;
  keys: number;
}

export const informationCommands: readonly CommandRow[] = [
  {
    name: 'info',
    arity: -1,
    flags: LOADING | STALE,
    group: 'server',
    categories: ['dangerous'],
    run: info,
  },
];

function info(call: Call): void {
  const sections = new Set<string>();
  const { moreSections } = call.host.information;
  const usual = [...DEFAULT_SECTIONS, ...moreSections];
  if (call.argc === 1) for (const section of usual) sections.add(section);
  for (let i = 1; i < call.argc; i++) {
    const name = call.latin1(i).toLowerCase();
    if (name !== 'all' && name !== 'everything' && name !== 'default') sections.add(name);
    else {
      for (const section of usual) sections.add(section);
      if (name !== 'default') for (const section of MORE_SECTIONS) sections.add(section);
    }
  }
  call.reply.verbatim('txt', call.host.information.text(sections));
}
