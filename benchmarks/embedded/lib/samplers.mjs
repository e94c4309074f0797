/**
 * Which keys a workload touches: uniform, or zipf as YCSB draws it.
 *
 * The zipf sampler is the method of Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994),
 * with theta 0.99. Ranks are scattered over the key space by a bijection, so that popular keys are not neighbours.
 * Samples are drawn before the clock starts.
 */
import { Random } from './random.mjs';

const theta = 0.99;
/** Prime and larger than any key count in use, hence coprime to it: `rank * scatter % count` meets every key once. */
const scatter = 15_485_863;

/** `sampleCount` ids in [0, keyCount), each as likely as another. */
export function uniformIds(keyCount, sampleCount, seed) {
  const random = new Random(seed);
  const ids = new Uint32Array(sampleCount);
  for (let at = 0; at < sampleCount; at += 1) ids[at] = random.below(keyCount);
  return ids;
}

/** `sampleCount` ids in [0, keyCount); about one in thirteen is the most popular of a million keys. */
export function zipfIds(keyCount, sampleCount, seed) {
  const random = new Random(seed);
  const zetaN = zeta(keyCount);
  const alpha = 1 / (1 - theta);
  const eta = (1 - (2 / keyCount) ** (1 - theta)) / (1 - zeta(2) / zetaN);
  const ids = new Uint32Array(sampleCount);
  for (let at = 0; at < sampleCount; at += 1) {
    const u = random.fraction();
    const uz = u * zetaN;
    let rank = Math.floor(keyCount * (eta * u - eta + 1) ** alpha);
    if (uz < 1) rank = 0;
    else if (uz < 1 + 0.5 ** theta) rank = 1;
    ids[at] = (Math.min(rank, keyCount - 1) * scatter) % keyCount;
  }
  return ids;
}

/** The ids 0, 1, 2, ... from `first` on. */
export function sequentialIds(first, sampleCount) {
  const ids = new Uint32Array(sampleCount);
  for (let at = 0; at < sampleCount; at += 1) ids[at] = first + at;
  return ids;
}

function zeta(count) {
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) sum += 1 / rank ** theta;
  return sum;
}
