/** Random numbers that a seed brings back (xorshift of 32 bits, Marsaglia 2003), and Zipf's law. */
const warmUpTurns = 32;

export class Random {
  constructor(seed) {
    this.state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) | 0 || 1;
    for (let turn = 0; turn < warmUpTurns; turn++) this.fraction();
  }

  /** A whole number below `limit`. */
  below(limit) {
    return Math.floor(this.fraction() * limit);
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

/** Numbers below `count`, 0 most often: Gray et al., "Quickly generating billion-record synthetic databases" (1994). */
export class Zipf {
  constructor(count, theta, random) {
    this.count = count;
    this.theta = theta;
    this.random = random;
    this.zetaN = zeta(count, theta);
    this.eta = (1 - (2 / count) ** (1 - theta)) / (1 - zeta(2, theta) / this.zetaN);
  }

  next() {
    const { count, theta, eta, zetaN } = this;
    const at = this.random.fraction();
    if (at * zetaN < 1) return 0;
    if (at * zetaN < 1 + 0.5 ** theta) return 1;
    return Math.floor(count * (eta * at - eta + 1) ** (1 / (1 - theta)));
  }
}

function zeta(count, theta) {
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) sum += rank ** -theta;
  return sum;
}
