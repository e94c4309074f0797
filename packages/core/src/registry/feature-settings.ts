/**
 * The values of one feature's configuration, and who follows them.
 *
 * There is one for each feature of a store. A server's `Config` shows them as texts, and changes them through `set`; without
 * a server they stay as the program gave them. A follower may refuse a value by throwing: then the old one stays.
 */
import { FerriteError } from '../base/errors.ts';
import type { ConfigSpec, ConfigValues } from './config-key.ts';
import type { Feature } from './feature.ts';

type Follower = (value: unknown) => void;

/** A feature's view of its configuration. */
export interface FeatureConfig<Spec extends ConfigSpec> {
  get<K extends keyof Spec & string>(key: K): ConfigValues<Spec>[K];
  /** `apply` is called with each new value, and may throw an `Error` to refuse it: its message is for who gave the value. */
  onChange<K extends keyof Spec & string>(key: K, apply: (value: ConfigValues<Spec>[K]) => void): void;
  /** The same, and at once with the value there is. */
  follow<K extends keyof Spec & string>(key: K, apply: (value: ConfigValues<Spec>[K]) => void): void;
}

export class FeatureSettings<Spec extends ConfigSpec = ConfigSpec> implements FeatureConfig<Spec> {
  private readonly feature: Feature;
  private readonly values = new Map<string, unknown>();
  private readonly followers = new Map<string, Follower[]>();

  constructor(feature: Feature) {
    this.feature = feature;
    for (const [key, { default: initial }] of Object.entries(feature.config)) {
      this.values.set(key, Object.hasOwn(feature.values, key) ? feature.values[key] : initial);
    }
  }

  get<K extends keyof Spec & string>(key: K): ConfigValues<Spec>[K] {
    this.check(key);
    return this.values.get(key) as ConfigValues<Spec>[K];
  }

  onChange<K extends keyof Spec & string>(key: K, apply: (value: ConfigValues<Spec>[K]) => void): void {
    this.check(key);
    this.followers.set(key, [...(this.followers.get(key) ?? []), apply as Follower]);
  }

  follow<K extends keyof Spec & string>(key: K, apply: (value: ConfigValues<Spec>[K]) => void): void {
    apply(this.get(key));
    this.onChange(key, apply);
  }

  /** The value as a text. */
  textOf(key: string): string {
    this.check(key);
    return this.feature.config[key].format(this.values.get(key));
  }

  /** Takes the value that a text says, and tells followers if it is another or `rereads`; throws, and changes nothing, if there is none or a follower refuses it. */
  set(key: string, text: string): void {
    if (text === this.textOf(key) && this.feature.config[key].rereads !== true) return;
    const before = this.values.get(key);
    this.values.set(key, this.feature.config[key].parse(text));
    const told: Follower[] = [];
    try {
      for (const apply of this.followers.get(key) ?? []) {
        told.push(apply);
        apply(this.values.get(key));
      }
    } catch (error) {
      this.values.set(key, before);
      for (const apply of told.reverse()) tellAgain(apply, before);
      throw error;
    }
  }

  private check(key: string): void {
    if (this.values.has(key)) return;
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `feature '${this.feature.name}' has no configuration key '${key}'`,
    );
  }
}

/** Who refused a value keeps the one it had, and may refuse to be told of it. */
function tellAgain(apply: Follower, value: unknown): void {
  try {
    apply(value);
  } catch {
    // It has that value already.
  }
}
