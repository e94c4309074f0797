/**
 * Seeded random numbers (xorshift128, Marsaglia 2003), so that every engine meets the same sequence within a round.
 * Used by the data set, the zipf sampler and the workloads.
 */
export class Random {
  #a;
  #b;
  #c;
  #d;

  constructor(seed) {
    this.#a = seed | 0 || 1;
    this.#b = 0x9e3779b9 | 0;
    this.#c = 0x243f6a88 | 0;
    this.#d = 0xb7e15162 | 0;
    for (let turn = 0; turn < 32; turn += 1) this.int32();
  }

  /** 32 random bits as a signed number, which V8 keeps without allocating. */
  int32() {
    const t = this.#a ^ (this.#a << 11);
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#d ^ (this.#d >>> 19) ^ t ^ (t >>> 8);
    return this.#d;
  }

  uint32() {
    return this.int32() >>> 0;
  }

  /** A number in [0, 1). */
  fraction() {
    return this.uint32() / 4294967296;
  }

  /** A whole number in [0, limit). */
  below(limit) {
    return Math.floor(this.fraction() * limit);
  }
}
