/**
 * The options of SET and GETEX: on what condition the value is stored, and when it expires. One object, filled anew for
 * each command that has any.
 */
import { INT64_MAX } from '../base/decimal.ts';
import { EXPIRES_AT_MAX_MS } from '../engine/record.ts';
import { type Call, SYNTAX_ERROR } from './call.ts';

type ExpiryUnit = 'ex' | 'px' | 'exat' | 'pxat';

const EXPIRY_UNITS: readonly ExpiryUnit[] = ['ex', 'px', 'exat', 'pxat'];
/** Any of them in seconds is a safe integer in milliseconds, and stays one with the time of day added. */
const PLAIN_MAX = 2 ** 42;

export class StringOptions {
  ifAbsent = false;
  ifPresent = false;
  returnsOld = false;
  keepsTtl = false;
  persists = false;
  /** Undefined: no expiry is given. */
  unit: ExpiryUnit | undefined;
  private expiryArgument = 0;

  /** Reads the arguments from `from` on; replies with an error and returns false if they make no sense. */
  parse(call: Call, from: number, isSet: boolean): boolean {
    this.ifAbsent = false;
    this.ifPresent = false;
    this.returnsOld = false;
    this.keepsTtl = false;
    this.persists = false;
    this.unit = undefined;
    for (let i = from; i < call.argc; i++) {
      if (isSet ? this.parseForSet(call, i) : this.parseForGet(call, i)) continue;
      const unit = EXPIRY_UNITS.find((each) => call.is(i, each));
      const isAllowed = !this.keepsTtl && !this.persists && (this.unit === undefined || this.unit === unit);
      if (unit === undefined || !isAllowed || i + 1 === call.argc) {
        call.reply.error(SYNTAX_ERROR);
        return false;
      }
      this.unit = unit;
      this.expiryArgument = ++i;
    }
    return true;
  }

  private parseForSet(call: Call, i: number): boolean {
    if (call.is(i, 'nx') && !this.ifPresent) this.ifAbsent = true;
    else if (call.is(i, 'xx') && !this.ifAbsent) this.ifPresent = true;
    else if (call.is(i, 'get')) this.returnsOld = true;
    else if (call.is(i, 'keepttl') && this.unit === undefined) this.keepsTtl = true;
    else return false;
    return true;
  }

  private parseForGet(call: Call, i: number): boolean {
    if (!call.is(i, 'persist') || this.unit !== undefined) return false;
    this.persists = true;
    return true;
  }

  /** Whether the expiry is a time, not a time from now. */
  get isAbsolute(): boolean {
    return this.unit === 'exat' || this.unit === 'pxat';
  }

  /** The expiry in ms since the epoch, 0 if none was given; replies with an error and returns undefined if it is none. */
  expiresAtMs(call: Call): number | undefined {
    return this.unit === undefined ? 0 : readExpiry(call, this.expiryArgument, this.unit);
  }
}

/** Argument `i` as an expiry in ms since the epoch; replies with an error and returns undefined if it is none. */
export function readExpiry(call: Call, i: number, unit: ExpiryUnit): number | undefined {
  const value = call.integer(i);
  if (value === undefined) return undefined;
  const scale = unit === 'ex' || unit === 'exat' ? 1000 : 1;
  const base = unit === 'ex' || unit === 'px' ? call.store.nowMs() : 0;
  if (typeof value === 'number' && value > 0 && value <= PLAIN_MAX)
    return Math.min(value * scale + base, EXPIRES_AT_MAX_MS);
  const wide = BigInt(value) * BigInt(scale);
  const atMs = wide + BigInt(base);
  if (value > 0 && wide <= INT64_MAX && atMs <= INT64_MAX) return Math.min(Number(atMs), EXPIRES_AT_MAX_MS);
  call.reply.error(`invalid expire time in '${call.row.name}' command`);
  return undefined;
}
