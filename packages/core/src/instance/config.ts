/**
 * The configuration of an instance: a value for each parameter of the tables, as the text that CONFIG GET shows.
 *
 * Who acts on a parameter is told by `onChange`, or follows it from now on by `follow`; it may refuse a value by throwing.
 * CONFIG SET reads all values before anybody is told of one, and takes all back if one is refused. What is set before
 * there is an instance (`assign`) is told to nobody.
 */
import type { Configuration } from '../commands/configuration.ts';
import { matchGlob } from '../base/glob.ts';
import { FerriteError } from '../base/errors.ts';
import { type Feature, withTexts } from '../registry/feature.ts';
import type { FeatureSet } from '../registry/feature-set.ts';
import { addParameters, bytesText, featureParameters } from './config-features.ts';
import { inertParameters } from './config-inert.ts';
import { ConfigError, splitValue } from './config-kinds.ts';
import { liveParameters } from './config-live.ts';
import { FIXED, HIDDEN, IMMUTABLE, type Parameter, PROTECTED, REREAD, SECRET } from './config-parameter.ts';
import { rewriteConfig } from './config-rewrite.ts';

export type ConfigName = (typeof liveParameters)[number]['name'];

/** The file that a server was started with. Texts have a character for each byte. */
export interface ConfigFile {
  /** As a person would write it. */
  readonly path: string;
  read(): string;
  /** All of it or nothing, whatever happens meanwhile. */
  replace(text: string): void;
}

/** What takes time before values of `port` and `bind` can be taken. */
export interface Preparation {
  /** Begins to listen as they say; null if it does already. */
  prepare(port: string, bind: string): Promise<void> | null;
  /** A change has been made, or was not. */
  end(isSet: boolean): void;
}

type Apply = (text: string) => void;

const ALL: readonly Parameter[] = [...liveParameters, ...inertParameters];
const BY_NAME = new Map(ALL.flatMap((each) => [each.name, each.alias].map((name) => [name, each] as const)));
BY_NAME.delete('');
const CANNOT_CHANGE = "can't set immutable config";
const HAS_PATTERN = /[[*?]/;

/** What the two parameters of redis mean by the name of a durability, and back. */
const DURABILITIES: Record<string, [appendOnly: string, appendFsync: string]> = {
  always: ['yes', 'always'],
  everysec: ['yes', 'everysec'],
  written: ['yes', 'no'],
};

export class Config implements Configuration {
  /** null: the server was started without one. */
  file: ConfigFile | null = null;
  /** Commands that the file gives another name, or, where that is empty, takes away. */
  readonly renamedCommands = new Map<string, string>();
  preparation: Preparation | null = null;
  /** Called by CONFIG RESETSTAT. */
  readonly statistics = new Set<() => void>();
  private readonly byName = new Map(BY_NAME);
  private readonly texts = new Map(ALL.map((each) => [each.name, each.initial]));
  private readonly appliers = new Map<string, Apply[]>();
  private readonly featureNames = new Set<string>();

  /** `features`: their keys are parameters, too. */
  constructor(features: readonly Feature[] = []) {
    for (const feature of features) this.addFeature(feature);
  }

  /** Whether there may be commands that the core does not know. */
  get hasFeatures(): boolean {
    return this.featureNames.size > 0;
  }

  /** Makes parameters of a feature's keys, unless they are already. */
  private addFeature(feature: Feature): void {
    if (this.featureNames.has(feature.name)) return;
    this.featureNames.add(feature.name);
    const parameters = featureParameters(feature);
    addParameters(this.byName, feature, parameters);
    for (const { name, alias, initial } of parameters) {
      if (alias !== '') this.texts.delete(alias);
      this.texts.set(name, initial);
    }
  }

  /** A feature with the values that this configuration has for it. */
  configure<F extends Feature>(feature: F): F {
    return withTexts(feature, (name) => unicodeOf(this.texts.get(name)));
  }

  /** From now on the settings of features are as this configuration has them; what is not here yet is as they have it. */
  adopt(set: FeatureSet): void {
    for (const feature of set.features) {
      if (this.featureNames.has(feature.name)) continue;
      this.addFeature(feature);
      for (const { name, key, settings } of set.keys()) {
        if (settings === set.settings.get(feature.name)) this.texts.set(name, bytesText(settings.textOf(key)));
      }
    }
    for (const { name, key, settings } of set.keys()) {
      const apply: Apply = (text) => {
        try {
          settings.set(key, unicodeOf(text) ?? '');
        } catch (error) {
          throw new ConfigError((error as Error).message);
        }
      };
      apply(this.textOf(name));
      this.addApplier(name, apply);
    }
  }

  /** The parameter of a name, in letters of either case. */
  parameterOf(name: string): Parameter | undefined {
    return this.byName.get(name.toLowerCase());
  }

  /** As CONFIG GET shows it; undefined if there is no such parameter. */
  valueOf(name: string): string | undefined {
    const parameter = this.parameterOf(name);
    return parameter === undefined ? undefined : this.textOf(parameter.name);
  }

  text(name: ConfigName): string {
    return this.textOf(name);
  }

  number(name: ConfigName): number {
    return Number(this.textOf(name));
  }

  isOn(name: ConfigName): boolean {
    return this.textOf(name) === 'yes';
  }

  /** The value as words. */
  words(name: ConfigName): string[] {
    return this.textOf(name)
      .split(' ')
      .filter((word) => word !== '');
  }

  get databases(): number {
    return this.number('databases');
  }

  isSecret(name: string): boolean {
    return ((this.parameterOf(name)?.flags ?? 0) & SECRET) !== 0;
  }

  /** Whether a client may do what such a parameter protects. */
  isPermitted(name: 'enable-protected-configs', isLocal: boolean): boolean {
    const text = this.textOf(name);
    return text === 'yes' || (text === 'local' && isLocal);
  }

  /** `apply` is called with each new value, and may throw to refuse it. */
  onChange(name: ConfigName, apply: Apply): void {
    this.addApplier(name, apply);
  }

  private addApplier(name: string, apply: Apply): void {
    this.appliers.set(name, [...(this.appliers.get(name) ?? []), apply]);
  }

  /** The same, and with the value that there is. */
  follow(name: ConfigName, apply: Apply): void {
    apply(this.textOf(name));
    this.onChange(name, apply);
  }

  find(patterns: readonly string[]): [string, string][] {
    const found = new Map<string, [string, string]>();
    for (const pattern of patterns) {
      const lower = pattern.toLowerCase();
      if (!HAS_PATTERN.test(pattern)) {
        const parameter = this.byName.get(lower);
        if (parameter !== undefined && !found.has(lower)) found.set(lower, [pattern, this.textOf(parameter.name)]);
        continue;
      }
      const bytes = Buffer.from(lower, 'latin1');
      for (const [name, { flags, name: main }] of this.byName) {
        if ((flags & HIDDEN) !== 0 || found.has(name)) continue;
        if (matchGlob(bytes, Buffer.from(name), 0, name.length)) found.set(name, [name, this.textOf(main)]);
      }
    }
    return [...found.values()];
  }

  prepare(pairs: readonly [string, string][]): Promise<void> | null {
    const { preparation } = this;
    const before = new Map(this.texts);
    try {
      for (const [name, value] of pairs) if (/^(port|bind)$/i.test(name)) this.assign(name, value);
      return preparation?.prepare(this.text('port'), this.text('bind')) ?? null;
    } catch (error) {
      // It will be told by `set`.
      if (error instanceof ConfigError) return null;
      throw error;
    } finally {
      this.restore(before);
    }
  }

  set(pairs: readonly [string, string][], isLocal: boolean): string {
    const error = this.trySet(pairs, isLocal);
    this.preparation?.end(error === '');
    return error;
  }

  private trySet(pairs: readonly [string, string][], isLocal: boolean): string {
    const names = new Set<string>();
    for (const [given] of pairs) {
      const name = given.toLowerCase();
      const parameter = this.byName.get(name);
      if (parameter === undefined) return `Unknown option or number of arguments for CONFIG SET - '${given}'`;
      if ((parameter.flags & IMMUTABLE) !== 0) return failed(given, CANNOT_CHANGE);
      if ((parameter.flags & PROTECTED) !== 0 && !this.isPermitted('enable-protected-configs', isLocal)) {
        return failed(given, "can't set protected config");
      }
      if (names.has(name)) return failed(given, 'duplicate parameter');
      names.add(name);
    }
    const before = new Map(this.texts);
    for (const [given, value] of pairs) {
      try {
        this.assign(given, value);
      } catch (error) {
        this.restore(before);
        return failed(given.toLowerCase(), messageOf(error));
      }
    }
    return this.applyChanges(before, names);
  }

  /** Sets a value and tells nobody; throws `ConfigError`. */
  assign(name: string, value: string): void {
    const parameter = this.parameterOf(name);
    if (parameter === undefined) throw new ConfigError(`there is no parameter '${name}'`);
    this.assignWords(parameter, splitValue(parameter.kind, value));
  }

  assignWords({ name, kind }: Parameter, words: readonly string[]): void {
    const before = this.textOf(name);
    const text = kind.read(words, before);
    this.texts.set(name, text);
    if (name === 'durability') this.durabilityChanged(text);
    else if (name === 'appendonly' ? text !== before : name === 'appendfsync' && this.isOn('appendonly')) {
      this.texts.set('durability', this.durabilityOfRedis());
    }
  }

  rewrite(isForced = false): string {
    const { file } = this;
    if (file === null) return 'The server is running without a config file';
    try {
      file.replace(
        rewriteConfig(file.read(), [...new Set(this.byName.values())], (name) => this.textOf(name), isForced),
      );
      return '';
    } catch (error) {
      return `Rewriting config file: ${messageOf(error)}`;
    }
  }

  resetStatistics(): void {
    for (const reset of this.statistics) reset();
  }

  /** Tells of what differs from `before`, or is to be looked at anew; if that is refused, all is as before. */
  private applyChanges(before: ReadonlyMap<string, string>, given: ReadonlySet<string>): string {
    const applied: string[] = [];
    const anew = new Set([...given].map((name) => this.parameterOf(name)).filter((each) => isReread(each)));
    for (const [name, text] of this.texts) {
      if (text === before.get(name) && !anew.has(this.parameterOf(name))) continue;
      applied.push(name);
      try {
        if (((this.parameterOf(name)?.flags ?? 0) & FIXED) !== 0) throw new ConfigError(CANNOT_CHANGE);
        this.apply(name);
      } catch (error) {
        this.restore(before);
        for (const each of applied.reverse()) this.applyAgain(each);
        return failed(name, messageOf(error));
      }
    }
    return '';
  }

  private apply(name: string): void {
    for (const apply of this.appliers.get(name) ?? []) apply(this.textOf(name));
  }

  /** Who refused a value keeps the one it had, and may refuse to be told of it. */
  private applyAgain(name: string): void {
    try {
      this.apply(name);
    } catch (error) {
      messageOf(error);
    }
  }

  private restore(before: ReadonlyMap<string, string>): void {
    for (const [name, text] of before) this.texts.set(name, text);
  }

  private textOf(name: string): string {
    return this.texts.get(name) as string;
  }

  private durabilityChanged(text: string): void {
    const [appendOnly, appendFsync] = DURABILITIES[text] ?? ['no', this.textOf('appendfsync')];
    this.texts.set('appendonly', appendOnly);
    this.texts.set('appendfsync', appendFsync);
  }

  private durabilityOfRedis(): string {
    if (!this.isOn('appendonly')) return 'interval';
    const fsync = this.textOf('appendfsync');
    return fsync === 'no' ? 'written' : fsync;
  }
}

/** A text of Unicode, out of one with a character for each byte. */
function unicodeOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
}

function isReread(parameter: Parameter | undefined): boolean {
  return ((parameter?.flags ?? 0) & REREAD) !== 0;
}

function failed(name: string, why: string): string {
  return `CONFIG SET failed (possibly related to argument '${name}') - ${why}`;
}

/** What a refusal says; a bug is thrown on. */
function messageOf(error: unknown): string {
  const isKnown = error instanceof ConfigError || error instanceof FerriteError;
  if (isKnown || (error as { code?: unknown }).code !== undefined) return (error as Error).message;
  throw error;
}
