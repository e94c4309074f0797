/**
 * Tokens of the change feed: where a reader stands, as a text that a program may keep and come back with.
 *
 * `<store id>.<epoch>.<frame address>.<chain before the frame>.<changes of the frame already read>`, numbers in base 36.
 * The chain is what makes a token safe: a log that went another way (a restored backup, say) has another chain there.
 */

import { FerriteError } from '../base/errors.ts';
import { COLD_BASE } from './address.ts';
import type { Log } from './log.ts';
import { type StoreIdentity, storeIdText } from './store-file.ts';
import type { FramePlace } from './walk.ts';

const RADIX = 36;
const PATTERN = /^([0-9a-f]{16})\.([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)\.([0-9a-z]+)$/;

export interface FeedPosition {
  place: FramePlace;
  /** Changes of the frame there that have been read. */
  skip: number;
}

/** Everything of a token before its last number. */
export function tokenStem(identity: StoreIdentity, log: Log, place: FramePlace): string {
  const chain = (place.chain >>> 0).toString(RADIX);
  return `${storeIdText(identity)}.${log.epoch.toString(RADIX)}.${place.address.toString(RADIX)}.${chain}.`;
}

export function tokenAt(stem: string, skip: number): string {
  return stem + skip.toString(RADIX);
}

/** What a token says; throws when it is none, or one of another store. */
export function parseToken(token: unknown, identity: StoreIdentity): FeedPosition & { epoch: number } {
  const match = typeof token === 'string' ? PATTERN.exec(token) : null;
  if (match === null) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `from is 'start', 'now' or a change's token, not ${String(token)}`,
    );
  }
  const [epoch, address, chain, skip] = match.slice(2).map((text) => Number.parseInt(text, RADIX));
  if (match[1] !== storeIdText(identity)) throw snapshotRequired('the token is of another store');
  if (!(address < COLD_BASE) || !Number.isSafeInteger(skip))
    throw snapshotRequired('the token names no place in this log');
  return { place: { address, chain: chain | 0 }, skip, epoch };
}

/** The one answer to a reader that cannot go on where it stood. */
export function snapshotRequired(why: string): FerriteError {
  return new FerriteError(
    'FERRITE_SNAPSHOT_REQUIRED',
    `${why}: call changes({ from: 'now' }), take a snapshot with entries(), then read on`,
  );
}
