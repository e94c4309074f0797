/**
 * What records of a list's chunks say to readers of the feed: which elements are at which place, and what is gone from an end.
 *
 * A place is a chunk's order key: places ascend from head to tail. A chunk's record says all that is there from then on, and
 * replaces what was there before; layout in `element-chunk.ts`. Who calls it: `feed-reader.ts`.
 */
import { CUT_HEAD, CUT_WHOLE, isListChunk, REVERSED, replayedChunk, replayedCut } from './element-chunk.ts';
import { ElementReader } from './element-codec.ts';
import type { Memory } from './page-memory.ts';
import { besideOrder, KIND_CUT, KIND_ELEMENT, keyOffsetOf, kindOf } from './record.ts';

/** A change of a list. */
export interface FeedListChange {
  readonly place: number;
  /** What is at the place, nothing if it is gone; null: places before, or after, this one are gone. */
  readonly elements: readonly Buffer[] | null;
  readonly atHead: boolean;
  /** Of a cut: how many elements are left at the place, those away from the end; undefined: all. */
  readonly left: number | undefined;
}

const reader = new ElementReader();

/** Whether the record at `word` is of a list. */
export function isListRecord({ words }: Memory, word: number): boolean {
  const kind = kindOf(words[word + 1]);
  return kind === KIND_CUT || (kind === KIND_ELEMENT && isListChunk(words, word));
}

export function listChangeAt(memory: Memory, word: number): FeedListChange {
  const { words } = memory;
  if (kindOf(words[word + 1]) === KIND_ELEMENT) {
    const { key } = replayedChunk(words, word, 0);
    return { place: key, elements: elementsAt(memory, word), atHead: false, left: undefined };
  }
  const { key, side, elements } = replayedCut(words, word, 0);
  const left = elements === CUT_WHOLE ? undefined : elements;
  return { place: key, elements: null, atHead: side === CUT_HEAD, left };
}

/** In the order from head to tail, as bytes of their own. */
function elementsAt({ words, bytes }: Memory, word: number): Buffer[] {
  const { from, elements: count } = replayedChunk(words, word, 0);
  const elements: Buffer[] = [];
  let at = word * 4 + keyOffsetOf(words[word + 1]) + from;
  for (let i = 0; i < count; i++) {
    reader.forward(bytes, at);
    elements.push(Buffer.from(bytes.subarray(reader.start, reader.end)));
    at = reader.until;
  }
  return (besideOrder(words, word) & REVERSED) !== 0 ? elements.reverse() : elements;
}
