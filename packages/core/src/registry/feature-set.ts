/**
 * The features of a store: set up in the order of what they require, and closed in reverse.
 *
 * `open` makes one for each store, handles on the same path share it, and a server takes from it what was added: commands,
 * sections of INFO, transports, middleware. What always holds: nothing is added once `open` has returned; whoever asks for
 * something that no feature added finds null or an empty list, and never asks for a feature by its name.
 */
import { KIND_OWN } from '../engine/record.ts';
import { FerriteError } from '../base/errors.ts';
import type { Log, LogLevel } from '../base/log.ts';
import { type CommandRow, FLAG_NAMES } from '../commands/command.ts';
import type { CommandDoc } from '../commands/command-docs.ts';
import { readStats } from '../engine/stats.ts';
import type { Store } from '../engine/store.ts';
import { configName } from './config-key.ts';
import { coreNames } from './core-names.ts';
import type { Feature } from './feature.ts';
import type {
  FeatureCommand,
  FeatureContext,
  FeatureEvents,
  InfoFields,
  InfoSection,
  ServerView,
  TransportHost,
} from './feature-context.ts';
import { FeatureSettings } from './feature-settings.ts';
import { FeatureStore } from './feature-store.ts';
import { type Around, compileAround, compileStages, type Middleware, type Stages } from './middleware.ts';
import { misfit, resolveFeatures } from './resolve-features.ts';
import type { Transport } from './transport.ts';

/** Lines that are kept for a log which comes later. */
const EARLY_LINES_MAX = 64;
const COMMAND_NAME = /^[a-z0-9][a-z0-9._|-]{0,31}$/;

type Listeners = { [E in keyof FeatureEvents]: { owner: string; listener: FeatureEvents[E] }[] };

export class FeatureSet {
  /** In the order in which they were set up. */
  readonly features: readonly Feature[];
  /** What each of them offers, by name. */
  readonly apis: Readonly<Record<string, unknown>>;
  readonly rows: CommandRow[] = [];
  readonly docs: Record<string, CommandDoc> = {};
  readonly sections: InfoSection[] = [];
  readonly settings = new Map<string, FeatureSettings>();
  readonly stages: Stages;
  readonly around: Around | null;
  private readonly store: Store;
  private readonly owners = new Map<string, string>();
  private readonly middleware: Middleware[] = [];
  private readonly makers: ((host: TransportHost) => readonly Transport[])[] = [];
  private readonly listeners: Listeners = {
    open: [],
    close: [],
    recover: [],
    checkpoint: [],
    write: [],
    log: [],
    serve: [],
    unserve: [],
  };
  private sink: Log | null;
  private readonly early: [LogLevel, string][] = [];
  private isSetUp = false;

  /** Sets the features up; if one of them cannot be, closes those that were and throws. */
  constructor(store: Store, features: readonly Feature[] = [], log: Log | null = null) {
    this.store = store;
    this.sink = log;
    this.features = resolveFeatures(features);
    const apis: Record<string, unknown> = {};
    this.apis = apis;
    try {
      for (const feature of this.features) apis[feature.name] = this.setUp(feature);
      this.isSetUp = true;
      this.stages = compileStages(this.middleware, (error) => this.blame('middleware', error));
      this.around = compileAround(this.middleware);
      this.listenToStore();
      this.tellMissing();
      for (const { listener } of this.listeners.recover) listener(store.recovery);
      for (const { listener } of this.listeners.open) listener();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether these can be had from a store that is open already; throws FERRITE_FEATURE if not. */
  checkHas(features: readonly Feature[]): void {
    for (const { name, version } of features) {
      const found = this.features.find((each) => each.name === name);
      if (found !== undefined && found.version === version) continue;
      const what = found === undefined ? 'without it' : `with version ${found.version}`;
      throw misfit(`feature '${name}' ${version}: ${this.store.path} is open in this process ${what}`);
    }
  }

  /** Tells features that the store closes, the last one first. */
  close(): void {
    for (const { owner, listener } of this.listeners.close.splice(0).reverse()) this.guard(owner, listener);
  }

  /** The log that goes on to `sink`: features hear each line, and what they say goes there, too. */
  tapLog(sink: Log): Log {
    this.sink = sink;
    for (const [level, text] of this.early.splice(0)) sink(level, text);
    return this.listeners.log.length === 0 ? sink : this.log;
  }

  /** Ways for clients to come in. */
  transportsFor(host: TransportHost): Transport[] {
    return this.makers.flatMap((make) => make(host));
  }

  serving(server: ServerView): void {
    for (const { listener } of this.listeners.serve) listener(server);
  }

  async served(): Promise<void> {
    for (const { owner, listener } of [...this.listeners.unserve].reverse()) {
      try {
        await listener();
      } catch (error) {
        this.blame(owner, error);
      }
    }
  }

  /** Each configuration key with its settings. */
  *keys(): Iterable<{ name: string; key: string; settings: FeatureSettings }> {
    for (const { name, config } of this.features) {
      const settings = this.settings.get(name) as FeatureSettings;
      for (const key of Object.keys(config)) yield { name: configName(name, key), key, settings };
    }
  }

  private readonly log: Log = (level, text) => {
    for (const { listener } of this.listeners.log) {
      try {
        listener(level, text);
      } catch {
        // A line about a line would go the same way.
      }
    }
    if (this.sink !== null) this.sink(level, text);
    else if (this.early.length < EARLY_LINES_MAX) this.early.push([level, text]);
  };

  private setUp(feature: Feature): unknown {
    const settings = new FeatureSettings(feature);
    this.settings.set(feature.name, settings);
    try {
      return feature.setup(this.contextOf(feature, settings));
    } catch (error) {
      if (error instanceof FerriteError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new FerriteError('FERRITE_FEATURE', `feature '${feature.name}' could not be set up: ${why}`, error);
    }
  }

  private contextOf(feature: Feature, settings: FeatureSettings): FeatureContext {
    const { store } = this;
    const { name } = feature;
    return {
      config: settings,
      clock: store.clock,
      path: store.options.device === null ? null : store.path,
      isReadOnly: store.identity.readOnly,
      log: this.log,
      feature: (other) => this.apiFor(feature, other),
      command: (command) => this.addCommand(name, command),
      info: (title, fields) => this.addSection(name, title, fields),
      transports: (make) => {
        this.checkOpen(name);
        this.makers.push(make);
      },
      use: (middleware) => {
        this.checkOpen(name);
        this.middleware.push(middleware);
      },
      on: (event, listener) => {
        this.checkOpen(name);
        const list = this.listeners[event] as { owner: string; listener: typeof listener }[];
        if (list === undefined) throw misfit(`feature '${name}': there is no event '${String(event)}'`);
        list.push({ owner: name, listener });
      },
      store: (prefix) => {
        this.checkOpen(name);
        this.claim('store', `${name} ${prefix}`, name);
        return new FeatureStore(store, name, prefix);
      },
      statistics: () => readStats(store),
    };
  }

  private apiFor({ name, requires }: Feature, other: string): never {
    if (!Object.hasOwn(requires, other)) throw misfit(`feature '${name}' uses '${other}': it must require it`);
    return this.apis[other] as never;
  }

  private addCommand(owner: string, command: FeatureCommand): void {
    this.checkOpen(owner);
    const { name, arity, keys, doc } = command;
    if (!COMMAND_NAME.test(name)) throw misfit(`feature '${owner}': '${name}' is no name of a command`);
    if (!Number.isInteger(arity) || arity === 0) throw misfit(`feature '${owner}': command '${name}' needs an arity`);
    this.claim('command', name, owner);
    let flags = 0;
    for (const flag of command.flags) {
      const bit = FLAG_NAMES.indexOf(flag);
      if (bit < 0) throw misfit(`feature '${owner}': command '${name}' has a flag '${flag}' that there is not`);
      flags |= 1 << bit;
    }
    this.rows.push({ name, arity, flags, group: 'module', keys, feature: owner, run: (call) => command.run(call) });
    this.docs[name] = doc;
  }

  private addSection(owner: string, title: string, fields: () => InfoFields): void {
    this.checkOpen(owner);
    const name = title.toLowerCase();
    this.claim('INFO section', name, owner);
    this.sections.push({ name, title, fields });
  }

  /** Names are had by one feature, or by the core. */
  private claim(what: 'command' | 'INFO section' | 'store', name: string, owner: string): void {
    if (what !== 'store' && coreNames[what].has(name)) {
      throw misfit(`feature '${owner}' adds the ${what} '${name}', which the core has`);
    }
    const other = this.owners.get(`${what} ${name}`);
    if (other !== undefined) throw misfit(`features '${other}' and '${owner}' both add the ${what} '${name}'`);
    this.owners.set(`${what} ${name}`, owner);
  }

  private checkOpen(owner: string): void {
    if (this.isSetUp) throw misfit(`feature '${owner}': nothing can be added once setup is over`);
  }

  /** Data of features that are not here stay as they are: whoever opens the store is to know. */
  private tellMissing(): void {
    const { store } = this;
    const names = new Set(store.identity.features.filter(({ kind }) => kind === KIND_OWN).map(({ name }) => name));
    for (const { name } of this.features) names.delete(name);
    store.missingFeatures = [...names];
    for (const name of names) {
      this.log('warning', `${store.path} has data of the feature '${name}', which is not loaded: they are kept for it`);
    }
  }

  private listenToStore(): void {
    const { store, listeners } = this;
    if (listeners.checkpoint.length > 0) {
      store.listeners.add({
        checkpointed: (bytes) => {
          for (const { owner, listener } of listeners.checkpoint) this.guard(owner, () => listener(bytes));
        },
      });
    }
    if (listeners.write.length === 0) return;
    store.observe({
      keyChanged: (namespace, isNew) => {
        const database = store.namespaces.databaseOf(namespace);
        const effect = { database, isNew, key: () => store.key.copy() };
        for (const { owner, listener } of listeners.write) this.guard(owner, () => listener(effect));
      },
    });
  }

  /** What fails in a hook must not end what it was told of. */
  private guard(owner: string, hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.blame(owner, error);
    }
  }

  private blame(owner: string, error: unknown): void {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log('warning', `Error in feature ${owner}: ${what}`);
  }
}
