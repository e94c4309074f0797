/**
 * What a package weighs in a program that imports all of it: `import * as x`, every chunk and everything that is loaded
 * later counted.
 *
 * *Own* is what lies in the package itself. *Inherited* is what its dependencies add to a program that has what the
 * package is an addition to: a feature inherits nothing of the core.
 */
import { resolve } from 'node:path';
import { bundle, type BundleRequest } from '../distribution/bundle.ts';
import { homesFrom } from '../distribution/homes.ts';
import { attribute, type ModuleWeight } from './attribution.ts';
import { findWasm, type InstalledSize, measureInstalled } from './installed-size.ts';
import { type Sizes, sizesOf, subtract } from './sizes.ts';

export interface WeighRequest {
  /** What is imported: a package, or an entry of one. */
  readonly specifier: string;
  /** The folder that the package is found from. Default: the current one. */
  readonly directory?: string;
  /** Packages that are there anyway. Default: none. */
  readonly beside?: readonly string[];
  /** Import names to take from elsewhere, as esbuild's `alias`. */
  readonly alias?: Readonly<Record<string, string>>;
}

export interface Weight {
  readonly specifier: string;
  readonly packageName: string;
  readonly own: Sizes;
  readonly inherited: Sizes;
  readonly total: Sizes;
  /** WebAssembly files that the package and its dependencies install. */
  readonly wasmBytes: number;
  /** On disk, with dependencies; undefined if the package is not installed in `directory` or not built. */
  readonly installed: InstalledSize | undefined;
  /** All modules, the heaviest first; those of dependencies, too. */
  readonly modules: readonly ModuleWeight[];
}

/** Rejects with `BuildError` if the package cannot be found or bundled. */
export async function weigh(request: WeighRequest): Promise<Weight> {
  const { specifier, beside = [], alias } = request;
  const directory = resolve(request.directory ?? '.');
  const packageName = packageOfSpecifier(specifier);
  const common = {
    source: `export * from '${specifier}';\n`,
    folder: directory,
    homeOf: homesFrom(directory),
    minify: true,
    form: 'chunks',
    alias,
  } satisfies BundleRequest;
  const own = await bundle({ ...common, isOutside: (name) => name !== packageName });
  const whole = await bundle({ ...common, isOutside: (name) => beside.includes(name) });
  const total = sizesOf(whole.files);
  const ownSizes = sizesOf(own.files);
  const origin = { name: specifier, packageName, isImport: (each: string) => each === specifier };
  return {
    specifier,
    packageName,
    own: ownSizes,
    inherited: subtract(total, ownSizes),
    total,
    wasmBytes: findWasm(packageName, directory),
    installed: measureInstalled(packageName, directory),
    modules: attribute(whole.metafile, total.minifiedBytes, [origin]).modules,
  };
}

function packageOfSpecifier(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
