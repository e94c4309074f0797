/** Drawing an entry of a table at random, each as likely as any other. Called for RANDOMKEY and its kin. */
import type { Prng } from '../base/prng.ts';
import { joinAddress } from './address.ts';
import { type HashTable, SliceCopy } from './hash-table.ts';

/** Slots that a bucket is taken to have: the same for all, so that no entry is likelier than another. */
const SLOTS = 12;
/** After so many draws in vain, a table is nearly empty: then another way is better. */
export const DRAWS_MAX = 100;

const copy = new SliceCopy();

/** One draw: the address of an entry, 0 where the slot that was drawn is empty. */
export function drawAddress(table: HashTable, prng: Prng): number {
  const bucket = prng.nextBelow(table.bucketCount);
  const first = prng.nextBelow(SLOTS);
  const address = table.addressAt(bucket, first);
  if (address >= 0) return address;
  copy.count = 0;
  table.copyBucket(bucket, copy);
  const slot = copy.count <= SLOTS ? first : prng.nextBelow(copy.count);
  return slot < copy.count ? joinAddress(copy.highs[slot], copy.lows[slot]) : 0;
}
