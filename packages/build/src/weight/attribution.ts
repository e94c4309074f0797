/**
 * Whose each byte of a bundle is.
 *
 * A module belongs to the base if the base alone would bring it. Otherwise it is a feature's *own* if it lies in the
 * feature's package, *inherited* if only this feature brings it, and *shared* if several do. So a feature's row is what
 * the bundle would lose without it, and the rows add up to the whole.
 */
import type { Metafile } from 'esbuild';
import { ENTRY_NAME } from '../distribution/bundle.ts';
import { partsOf } from '../distribution/module-names.ts';

/** A row that is asked for: the imports of the entry that stand for it. */
export interface Origin {
  readonly name: string;
  readonly packageName: string;
  readonly isImport: (specifier: string) => boolean;
}

export interface ModuleWeight {
  /** `package/path in it`, without the version. */
  readonly module: string;
  readonly bytes: number;
}

export interface OriginWeight {
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  /** What lies in its own package. */
  readonly ownBytes: number;
  /** What only it brings of other packages. */
  readonly inheritedBytes: number;
}

interface Attribution {
  readonly origins: readonly OriginWeight[];
  /** What several features bring, and the base does not. */
  readonly sharedBytes: number;
  /** The entry, and the bundler's own helpers. */
  readonly frameBytes: number;
  /** Every module of the bundle, the heaviest first. */
  readonly modules: readonly ModuleWeight[];
}

/** `totalBytes`: of all files that were written. `origins`: the base first. */
export function attribute(metafile: Metafile, totalBytes: number, origins: readonly Origin[]): Attribution {
  const entry = ENTRY_NAME;
  const bytesOf = weighModules(metafile);
  const reached = origins.map(({ isImport }) => reach(metafile, entry, isImport));
  const owned = origins.map(() => ({ own: 0, inherited: 0 }));
  let sharedBytes = 0;
  for (const [input, bytes] of bytesOf) {
    if (input === entry) continue;
    const owners = reached[0].has(input) ? [0] : origins.flatMap((_, at) => (reached[at].has(input) ? [at] : []));
    const { packageName } = partsOf(input);
    const home = owners.find((at) => origins[at].packageName === packageName);
    if (home !== undefined) owned[home].own += bytes;
    else if (owners.length === 1) owned[owners[0]].inherited += bytes;
    else sharedBytes += bytes;
  }
  const countedBytes = owned.reduce((sum, { own, inherited }) => sum + own + inherited, sharedBytes);
  const versions = versionsOf(metafile);
  return {
    origins: origins.map(({ name, packageName }, at) => ({
      name,
      packageName,
      version: versions.get(packageName) ?? '',
      ownBytes: owned[at].own,
      inheritedBytes: owned[at].inherited,
    })),
    sharedBytes,
    frameBytes: totalBytes - countedBytes,
    modules: modulesOf(bytesOf, entry),
  };
}

/** Bytes of each module in what was written, all chunks together. */
function weighModules(metafile: Metafile): Map<string, number> {
  const bytesOf = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      bytesOf.set(input, (bytesOf.get(input) ?? 0) + bytesInOutput);
    }
  }
  return bytesOf;
}

/** All modules that are loaded, now or later, through the entry's imports that match. */
function reach(metafile: Metafile, entry: string, isImport: (specifier: string) => boolean): Set<string> {
  const roots = metafile.inputs[entry].imports.filter(({ original }) => original !== undefined && isImport(original));
  const found = new Set(roots.map(({ path }) => path));
  for (const input of found) {
    for (const { path } of metafile.inputs[input]?.imports ?? []) found.add(path);
  }
  return found;
}

function versionsOf(metafile: Metafile): Map<string, string> {
  const parts = Object.keys(metafile.inputs).map(partsOf);
  return new Map(parts.map(({ packageName, version }) => [packageName, version]));
}

function modulesOf(bytesOf: ReadonlyMap<string, number>, entry: string): ModuleWeight[] {
  const modules: ModuleWeight[] = [];
  for (const [input, bytes] of bytesOf) {
    const { packageName, path } = partsOf(input);
    if (input !== entry && bytes > 0)
      modules.push({ module: packageName === '' ? path : `${packageName}/${path}`, bytes });
  }
  return modules.sort((a, b) => b.bytes - a.bytes || (a.module < b.module ? -1 : 1));
}
