/**
 * What a disk holds after the power went: everything durable, and of the rest what a crash model keeps.
 *
 * | model      | of the changes that were not synced                                                        |
 * |------------|--------------------------------------------------------------------------------------------|
 * | `nothing`  | none                                                                                       |
 * | `everything` | all                                                                                      |
 * | `prefix:k` | the first k units in issue order (a unit: a sector, a size, a directory entry)             |
 * | `subset`   | by seed: each unit, each 4 KiB or each change alone, by seed with few or many of them kept |
 *
 * Two models of the sector that was being written. `prefix-safe`: a 512-byte sector written again over an equal beginning
 * keeps that beginning; in `subset` a lost one may be torn anywhere behind it. `garbage`: it may hold anything, also
 * where it was durable before: in `subset` any lost sector, in `prefix:k` the first lost one.
 */
import { Prng } from '@ferrite/core/module';
import { applyEntry, type Change, type Inode, type SectorsChange } from './journal.ts';
import { PAGE_BYTES, type PagedBytes, SECTOR_BYTES } from './paged-bytes.ts';

export type CrashModel = 'nothing' | 'everything' | 'subset' | `prefix:${number}`;
export type SectorModel = 'prefix-safe' | 'garbage';

type Fate = 'kept' | 'lost' | 'torn';

/** Of a hundred units, how many survive: one of these by seed, since all and nothing are where the bugs are. */
const KEPT_PERCENTS = [3, 15, 50, 85, 97];
/** How much lives or dies together, in bytes; the last one is a whole change. */
const GRAINS_BYTES = [SECTOR_BYTES, PAGE_BYTES, Number.MAX_SAFE_INTEGER];
const TORN_ONE_IN: Record<SectorModel, number> = { 'prefix-safe': 8, garbage: 2 };

/** The files of the surviving disk by name. Neither `durable` nor its files are changed. */
export function survivors(
  durable: ReadonlyMap<string, Inode>,
  changes: readonly Change[],
  choice: CrashChoice,
): Map<string, PagedBytes> {
  const directory = new Map(durable);
  const images = new Map<Inode, PagedBytes>();
  const imageOf = (inode: Inode): PagedBytes => {
    let image = images.get(inode);
    if (image === undefined) images.set(inode, (image = inode.durable.fork()));
    return image;
  };
  for (const change of changes) {
    if (change.kind === 'sectors') applySectors(imageOf(change.inode), change, choice);
    else if (choice.nextFate(change, 0) === 'kept') {
      if (change.kind === 'entry') applyEntry(directory, change);
      else imageOf(change.inode).resize(change.sizeBytes);
    }
  }
  const files = new Map<string, PagedBytes>();
  for (const [name, inode] of directory) {
    const image = imageOf(inode);
    image.resize(image.sizeBytes);
    files.set(name, image);
  }
  return files;
}

/** Decides over the units one after the other, in issue order. */
export class CrashChoice {
  readonly #model: CrashModel;
  readonly #sectors: SectorModel;
  readonly #prng: Prng;
  readonly #keptPercent: number;
  readonly #grainBytes: number;
  #keepLeft = 0;
  #grain: Change | undefined;
  #grainPosition = 0;
  #grainKept = false;

  constructor(model: CrashModel, seed: number, sectors: SectorModel) {
    this.#model = model;
    this.#sectors = sectors;
    this.#prng = new Prng(seed);
    this.#keptPercent = KEPT_PERCENTS[this.#prng.nextBelow(KEPT_PERCENTS.length)];
    this.#grainBytes = GRAINS_BYTES[this.#prng.nextBelow(GRAINS_BYTES.length)];
    if (model.startsWith('prefix:')) this.#keepLeft = Number(model.slice('prefix:'.length));
    else if (!['nothing', 'everything', 'subset'].includes(model)) throw new Error(`unknown crash model '${model}'`);
  }

  nextFate(change: Change, position: number): Fate {
    switch (this.#model) {
      case 'nothing':
        return 'lost';
      case 'everything':
        return 'kept';
      case 'subset':
        return this.#drawFate(change, position);
      default:
        this.#keepLeft--;
        return this.#keepLeft >= 0 ? 'kept' : this.#keepLeft === -1 && this.#sectors === 'garbage' ? 'torn' : 'lost';
    }
  }

  /** What a torn sector holds: `old` and `fresh` are the sector before and after the write. */
  tear(old: Uint8Array, fresh: Uint8Array): Uint8Array {
    const torn = fresh.slice();
    if (this.#sectors === 'garbage') {
      const zeros = this.#prng.nextBelow(4) === 0;
      for (let i = 0; i < SECTOR_BYTES; i++) torn[i] = zeros ? 0 : this.#prng.nextUint32();
      return torn;
    }
    let same = 0;
    while (same < SECTOR_BYTES && old[same] === fresh[same]) same++;
    const from = same + this.#prng.nextBelow(SECTOR_BYTES - same + 1);
    torn.set(old.subarray(from), from);
    return torn;
  }

  #drawFate(change: Change, position: number): Fate {
    const grainPosition = Math.floor(position / this.#grainBytes);
    if (change !== this.#grain || grainPosition !== this.#grainPosition) {
      this.#grain = change;
      this.#grainPosition = grainPosition;
      this.#grainKept = this.#prng.nextBelow(100) < this.#keptPercent;
    }
    if (this.#grainKept) return 'kept';
    return this.#prng.nextBelow(TORN_ONE_IN[this.#sectors]) === 0 ? 'torn' : 'lost';
  }
}

function applySectors(image: PagedBytes, change: SectorsChange, choice: CrashChoice): void {
  for (let at = 0; at < change.bytes.length; at += SECTOR_BYTES) {
    const position = change.position + at;
    const fate = choice.nextFate(change, position);
    if (fate === 'lost') continue;
    const fresh = change.bytes.subarray(at, at + SECTOR_BYTES);
    if (fate === 'kept') {
      image.write(fresh, 0, SECTOR_BYTES, position);
    } else {
      const old = new Uint8Array(SECTOR_BYTES);
      image.read(old, 0, SECTOR_BYTES, position);
      image.write(choice.tear(old, fresh), 0, SECTOR_BYTES, position);
    }
  }
}
