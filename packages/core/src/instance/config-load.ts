/**
 * Reads what a server is started with: a file in the form of redis.conf, standard input where `-` asks for it, and
 * `--name value` on the command line, in this order; what comes later wins. Messages are redis's.
 */
import { allCommands } from '../commands/index.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-kinds.ts';
import type { Parameter } from './config-parameter.ts';
import { joinSavePoints, valuesOf } from './config-rewrite.ts';
import { inQuotes, splitWords } from './config-words.ts';

/** A line that cannot be read; its message is a text of several lines. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
}

/** Where texts come from. Those have a character for each byte. */
export interface ConfigSources {
  readFile(path: string): string;
  readInput(): string;
}

const INCLUDES_MAX = 16;
/** Names of redis's past, which mean nothing any more. */
const FORGOTTEN = ['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands'];
const UNSUPPORTED: Record<string, string> = {
  user: 'users of ACLs are not supported',
  loadmodule: "redis's modules are not supported",
  sentinel: 'sentinel directive while not in sentinel mode',
};

/** The file that `args` begin with, if they do. */
export function configFileOf(args: readonly string[]): string | undefined {
  return args.length > 0 && !args[0].startsWith('-') ? args[0] : undefined;
}

/** Sets what file, input and command line say; throws `ConfigFileError` at the first line that cannot be read. */
export function loadConfig(config: Config, args: readonly string[], sources: ConfigSources): void {
  new Loader(config, sources).load(textOf(args, sources));
}

/** Which features a server is started with. */
export interface FeatureWish {
  /** What the parameter `features` says, such as `tls,otel`; undefined where nobody gave it. */
  readonly named: string | undefined;
  /** The beginnings, up to the first dot or dash, of the parameters that are given: `tls` for `tls-port`. */
  readonly mentioned: ReadonlySet<string>;
}

/** What they say of features, whose keys are parameters only of a `Config` that was made with them. */
export function featuresOf(args: readonly string[], sources: ConfigSources): FeatureWish {
  const wish = { named: undefined, mentioned: new Set<string>() };
  noteFeatures(wish, textOf(args, sources), sources, 0);
  return wish;
}

function noteFeatures(
  wish: { named: string | undefined; mentioned: Set<string> },
  text: string,
  sources: ConfigSources,
  depth: number,
): void {
  for (const line of text.split('\n')) {
    // What cannot be read, `loadConfig` tells.
    const [word = '', value = ''] = line.trim().startsWith('#') ? [] : (splitWords(line.trim()) ?? []);
    const name = word.toLowerCase();
    wish.mentioned.add(name.split(/[.-]/, 1)[0]);
    if (name === 'features') wish.named = Buffer.from(value, 'latin1').toString('utf8');
    if (name !== 'include' || depth >= INCLUDES_MAX) continue;
    noteFeatures(wish, sources.readFile(Buffer.from(value, 'latin1').toString('utf8')), sources, depth + 1);
  }
}

function textOf(args: readonly string[], sources: ConfigSources): string {
  const path = configFileOf(args);
  const options = path === undefined ? args : args.slice(1);
  const parts = path === undefined ? [] : [sources.readFile(path)];
  if (options.at(0) === '-' || options.at(-1) === '-') parts.push(sources.readInput());
  parts.push(optionLines(options.filter((arg, i) => arg !== '-' || (i > 0 && i < options.length - 1))));
  return parts.join('\n');
}

/** What stands on the command line, as lines: a name with its values, up to the next name. */
function optionLines(args: readonly string[]): string {
  let text = '';
  let hasValue = true;
  for (const [i, arg] of args.entries()) {
    // A value may begin with two dashes, too, as long as it is the first.
    if (!hasValue || !arg.startsWith('--')) {
      text += `${inQuotes(latin1(arg))} `;
      hasValue = true;
      continue;
    }
    text += `${text === '' ? '' : '\n'}${latin1(arg.slice(2))} `;
    const next = args[i + 1];
    hasValue = (splitWords(latin1(arg)) ?? []).length !== 1;
    if (arg.toLowerCase() !== '--save' || (next !== undefined && !next.startsWith('--'))) continue;
    text += '""';
    hasValue = true;
  }
  return text;
}

class Loader {
  private readonly config: Config;
  private readonly sources: ConfigSources;
  private hasSavePoints = false;
  private includes = 0;

  constructor(config: Config, sources: ConfigSources) {
    this.config = config;
    this.sources = sources;
  }

  load(text: string): void {
    for (const [i, raw] of text.split('\n').entries()) {
      const line = raw.trim();
      if (line === '' || line.startsWith('#')) continue;
      try {
        this.loadLine(line);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        const where = `Reading the configuration file, at line ${i + 1}\n>>> '${line}'`;
        throw new ConfigFileError(`${where}\n${error.message}`);
      }
    }
  }

  private loadLine(line: string): void {
    const words = splitWords(line);
    if (words === undefined) throw new ConfigError('Unbalanced quotes in configuration line');
    const [name, ...values] = [words[0].toLowerCase(), ...words.slice(1)];
    const parameter = this.config.parameterOf(name);
    if (parameter !== undefined) this.set(parameter, values);
    else if (FORGOTTEN.includes(name) && values.length === 1) return;
    else if (name === 'include' && values.length === 1) this.include(values[0]);
    else if (name === 'rename-command' && values.length === 2) this.rename(values[0], values[1]);
    else throw new ConfigError(UNSUPPORTED[name] ?? 'Bad directive or wrong number of arguments');
  }

  private set(parameter: Parameter, words: readonly string[]): void {
    if (parameter.kind.takesMany !== true && words.length !== 1) throw new ConfigError('wrong number of arguments');
    const before = this.config.find([parameter.name])[0][1];
    this.config.assignWords(parameter, valuesOf(parameter, words));
    if (parameter.name !== 'save') return;
    const joined = joinSavePoints(this.hasSavePoints ? before : '', this.config.find(['save'])[0][1]);
    this.config.assign('save', joined);
    this.hasSavePoints = true;
  }

  private include(path: string): void {
    if (++this.includes > INCLUDES_MAX) throw new ConfigError(`more than ${INCLUDES_MAX} files are included`);
    this.load(this.sources.readFile(Buffer.from(path, 'latin1').toString('utf8')));
  }

  /** Commands of features are added when a store is open: whether there is such a one is seen then, see `tableOf`. */
  private rename(from: string, to: string): void {
    const name = from.toLowerCase();
    const { renamedCommands, hasFeatures } = this.config;
    const exists = (command: string): boolean => allCommands.some((row) => row.name === command.toLowerCase());
    if ((!exists(name) && !hasFeatures) || renamedCommands.has(name))
      throw new ConfigError('No such command in rename-command');
    const isTaken =
      (exists(to) && !renamedCommands.has(to.toLowerCase())) ||
      [...renamedCommands.values()].includes(to.toLowerCase());
    if (to !== '' && isTaken) throw new ConfigError('Target command name already exists');
    renamedCommands.set(name, to.toLowerCase());
  }
}

/** Arguments of a program are texts of Unicode; here a character stands for a byte. */
function latin1(arg: string): string {
  return Buffer.from(arg, 'utf8').toString('latin1');
}
