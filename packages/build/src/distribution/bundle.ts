/**
 * Modules into one, by esbuild: everything but Node's own modules ends up in it, and what cannot is an error.
 */
import { isBuiltin } from 'node:module';
import { build, type BuildFailure, type BuildOptions, type Message, type Metafile } from 'esbuild';
import { BuildError } from './build-error.ts';
import { type HomeOf, nameModules } from './module-names.ts';

/** The oldest Node.js that Ferrite runs on. */
const NODE_TARGET = 'node20.11';
/** Modules of CommonJS ask for Node's by `require`, which an ES module does not have. */
const MODULE_PRELUDE = `import{createRequire as ferriteCreateRequire}from'node:module';const require=ferriteCreateRequire(import.meta.url);`;
/** A script of CommonJS has no `import.meta`. */
const SCRIPT_PRELUDE = `const ferriteUrl=require('node:url').pathToFileURL(process.execPath).href;`;
const SCRIPT_DEFINES: Readonly<Record<string, string>> = { 'import.meta.url': 'ferriteUrl' };
/** What the entry is called in the lists of modules. */
export const ENTRY_NAME = 'entry.mjs';

export interface BundleRequest {
  /** The source of the entry. */
  readonly source: string;
  /** The folder that its imports start from. */
  readonly folder: string;
  /** The folder from which Ferrite's own core and server are resolved. */
  readonly homeOf: HomeOf;
  readonly minify: boolean;
  /** `esm`: one ES module. `cjs`: one script. `chunks`: an ES module and those it loads later. */
  readonly form: 'esm' | 'cjs' | 'chunks';
  /** Written at the top of the result. */
  readonly banner?: string;
  readonly alias?: Readonly<Record<string, string>>;
  /** Packages that stay imports, where something is weighed without them. Default: none. */
  readonly isOutside?: (packageName: string) => boolean;
}

interface Bundle {
  /** The entry first. */
  readonly files: readonly Uint8Array[];
  readonly metafile: Metafile;
}

/** Throws `BuildError` if a module cannot be found, makes no sense, or would have to stay outside. */
export async function bundle(request: BundleRequest): Promise<Bundle> {
  const { files, metafile } = await run(request);
  if (request.isOutside === undefined) refuseForeignImports(metafile);
  const lines = [request.banner, preludeFor(request, metafile)].filter((line) => line !== undefined);
  const [entry, ...others] = files;
  return { files: [Buffer.concat([...lines.map((line) => Buffer.from(`${line}\n`)), entry]), ...others], metafile };
}

async function run(request: BundleRequest): Promise<Bundle> {
  try {
    const { outputFiles, metafile } = await build(esbuildOptions(request));
    const files = outputFiles.map(({ path, contents }) => ({ isEntry: /[\\/]stdin\.js$/.test(path), contents }));
    files.sort((a, b) => Number(b.isEntry) - Number(a.isEntry));
    return { files: files.map(({ contents }) => contents), metafile };
  } catch (error) {
    const messages = (error as BuildFailure).errors;
    if (messages === undefined) throw error;
    throw new BuildError('FERRITE_BUILD_BUNDLE', messages.map(textOf).join('\n'), error);
  }
}

function preludeFor({ form }: BundleRequest, metafile: Metafile): string | undefined {
  if (form === 'cjs') return SCRIPT_PRELUDE;
  return usesRequire(metafile) ? MODULE_PRELUDE : undefined;
}

function esbuildOptions(request: BundleRequest): BuildOptions & { write: false; metafile: true } {
  const isScript = request.form === 'cjs';
  return {
    stdin: { contents: request.source, resolveDir: request.folder, sourcefile: ENTRY_NAME, loader: 'js' },
    absWorkingDir: request.folder,
    bundle: true,
    write: false,
    metafile: true,
    outdir: '.',
    logLevel: 'silent',
    platform: 'node',
    target: NODE_TARGET,
    format: isScript ? 'cjs' : 'esm',
    splitting: request.form === 'chunks',
    minify: request.minify,
    legalComments: 'eof',
    charset: 'utf8',
    tsconfigRaw: '{"compilerOptions":{"verbatimModuleSyntax":true}}',
    alias: { ...request.alias },
    define: isScript ? SCRIPT_DEFINES : {},
    plugins: [nameModules(request.homeOf, request.isOutside ?? (() => false))],
  };
}

function textOf({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}: ${text}`;
}

function usesRequire(metafile: Metafile): boolean {
  return Object.values(metafile.outputs).some(({ imports }) => imports.some(({ kind }) => kind === 'require-call'));
}

/** Whatever is imported at run time must be Node's own, or nothing works where no package is installed. */
function refuseForeignImports(metafile: Metafile): void {
  for (const { imports } of Object.values(metafile.outputs)) {
    for (const { path, external } of imports) {
      if (external !== true || isBuiltin(path)) continue;
      throw new BuildError('FERRITE_BUILD_BUNDLE', `"${path}" cannot be put into one file: it would stay an import.`);
    }
  }
}
