/** Drawing an entry of a table at random, each as likely as any other. Called for RANDOMKEY and its kin. */
import type { Prng } from '../base/prng.ts';
import { joinAddress } from './address.ts';
import { type HashTable, SliceCopy } from './hash-table.ts';

/** Slots that a chain is taken to have: the same for all, so that no entry is likelier than another. */
const CHAIN_SLOTS = 12;
/** After so many draws in vain, a table is nearly empty: then another way is better. */
export const DRAWS_MAX = 100;

const copy = new SliceCopy();

/** One draw: the address of an entry, 0 where the slot that was drawn is empty. */
export function drawAddress(table: HashTable, prng: Prng): number {
  return table.isLoaded ? table.addressAt(prng.nextBelow(table.slotCount)) : drawFromChain(table, prng);
}

/** What overflows is known only once it is loaded: a chain is drawn, which that brings in whole. */
function drawFromChain(table: HashTable, prng: Prng): number {
  copy.count = 0;
  table.copyBucket(prng.nextBelow(table.bucketCount), copy);
  const slot = prng.nextBelow(Math.max(copy.count, CHAIN_SLOTS));
  return slot < copy.count ? joinAddress(copy.highs[slot], copy.lows[slot]) : 0;
}
