/** Random numbers that a seed brings back: xorshift, 32 bits. */
export class Prng {
  constructor(seed) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) | 0 || 1;
  }

  /** A whole number below `limit`. */
  below(limit) {
    return Math.floor(this.fraction() * limit);
  }

  between(min, max) {
    return min + this.below(max - min + 1);
  }

  /** From 0 to below 1. */
  fraction() {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return (state >>> 0) / 2 ** 32;
  }
}
