/**
 * Gives each module the name `package@version/path in it`, wherever it is installed, as a plugin of esbuild.
 *
 * So what is built does not depend on the folder it is built in, not even in its comments, and the lists of what a
 * bundle holds say at once which package a module is of. Whoever imports `@ferrite/core` gets one copy, whatever lies in
 * the folder of a feature: two of them would be two databases.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, extname, join, relative, sep } from 'node:path';
import type { Loader, OnResolveArgs, Plugin, PluginBuild, ResolveResult } from 'esbuild';

const NAMESPACE = 'ferrite';
const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.json': 'json',
  '.wasm': 'binary',
};

/** The folder from which a package is resolved. */
export type HomeOf = (packageName: string) => string;

interface PackagePlace {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  /** False where the manifest says that no module has any. */
  readonly hasSideEffects: boolean;
}

/** Tells the plugin's own questions to esbuild's resolver from others. */
const ASKED = Symbol('asked');

/** `homeOf` says from which folder a package of Ferrite's own is resolved for all; what `isOutside` stays an import. */
export function nameModules(homeOf: HomeOf, isOutside: (packageName: string) => boolean): Plugin {
  return {
    name: 'ferrite-module-names',
    setup(build) {
      const pathOf = new Map<string, string>();
      const packages = new Map<string, PackagePlace>();
      build.onResolve({ filter: /.*/ }, async (args) => {
        if (args.pluginData === ASKED || isBuiltin(args.path)) return undefined;
        let file = relativeFile(args);
        let hasSideEffects: boolean | undefined;
        if (file === undefined) {
          const found = await askResolver(build, args, homeOf);
          const isPlain = found.errors.length === 0 && !found.external && found.namespace === 'file';
          if (!isPlain) return { ...found, pluginData: undefined };
          file = found.path;
          hasSideEffects = found.sideEffects;
        }
        const place = packageOf(dirname(file), packages);
        if (isOutside(place.name)) return { path: args.path, external: true };
        const path = `${place.name}@${place.version}/${relative(place.folder, file).split(sep).join('/')}`;
        pathOf.set(path, file);
        return { path, namespace: NAMESPACE, sideEffects: hasSideEffects ?? place.hasSideEffects };
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const file = pathOf.get(path)!;
        return { contents: readFileSync(file), loader: LOADERS[extname(file)] ?? 'js', resolveDir: dirname(file) };
      });
    },
  };
}

/**
 * A file that is named in full by its place, as in Ferrite's own modules: esbuild need not be asked, which is most of the
 * time.
 */
function relativeFile({ path, resolveDir, namespace }: OnResolveArgs): string | undefined {
  if (namespace !== NAMESPACE || !/^\.\.?\/.*\.[cm]?[jt]s$/.test(path)) return undefined;
  const file = join(resolveDir, path);
  return existsSync(file) ? file : undefined;
}

/** Where esbuild itself would find it. */
function askResolver(
  build: PluginBuild,
  { path, kind, resolveDir }: OnResolveArgs,
  homeOf: HomeOf,
): Promise<ResolveResult> {
  const own = /^@ferrite\/(?:core|server)(?=\/|$)/.exec(path);
  return build.resolve(path, { kind, resolveDir: own === null ? resolveDir : homeOf(own[0]), pluginData: ASKED });
}

/** The package that a folder is of: that of the next manifest above which has a name. */
function packageOf(folder: string, packages: Map<string, PackagePlace>): PackagePlace {
  const known = packages.get(folder);
  if (known !== undefined) return known;
  const manifest = readManifest(join(folder, 'package.json'));
  const parent = dirname(folder);
  let place: PackagePlace;
  if (manifest?.name !== undefined) {
    const { name, version = '0.0.0', sideEffects } = manifest;
    place = { folder, name, version, hasSideEffects: sideEffects !== false };
  } else if (parent === folder) place = { folder, name: 'no-package', version: '0.0.0', hasSideEffects: true };
  else place = packageOf(parent, packages);
  packages.set(folder, place);
  return place;
}

function readManifest(path: string): { name?: string; version?: string; sideEffects?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Taken apart again: the package's name, its version, and the module in it. */
export function partsOf(input: string): { packageName: string; version: string; path: string } {
  const match = /^ferrite:((?:@[^/]+\/)?[^@/]+)@([^/]+)\/(.*)$/.exec(input);
  if (match === null) return { packageName: '', version: '', path: input };
  return { packageName: match[1], version: match[2], path: match[3] };
}
