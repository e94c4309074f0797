/**
 * What draws random commands: the classes beside this one make those of one type each, from a seed alone, for comparing an
 * instance with redis (`redis-comparison.ts`). Most commands make sense, some do not.
 */
import { Prng } from '../../src/base/prng.ts';

const OTHER_ONE_IN = 12;

export type Argument = string | number | Buffer;

/** The keys that commands are about: a prefix and a number below `count`, now and then one of `others`. */
export interface KeyChoice {
  prefix: string;
  count: number;
  others: readonly string[];
}

export abstract class Draw {
  protected readonly prng: Prng;
  private readonly keys: KeyChoice;

  constructor(seed: number, own: { prefix: string; count: number }, keys: Partial<KeyChoice>) {
    this.prng = new Prng(seed);
    this.keys = { others: [], ...own, ...keys };
  }

  /** A command. */
  abstract next(): Argument[];

  protected below(bound: number): number {
    return this.prng.nextBelow(bound);
  }

  protected pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  protected key(): string {
    const { prefix, count, others } = this.keys;
    if (others.length > 0 && this.below(OTHER_ONE_IN) === 0) return this.pick(others);
    return `${prefix}${this.below(count)}`;
  }

  protected someKeys(): string[] {
    return Array.from({ length: 1 + this.below(4) }, () => this.key());
  }
}
