/**
 * The slot of a key in a cluster: CRC-16 (XMODEM: polynomial 0x1021, nothing reflected or inverted) modulo 16384.
 *
 * If a key holds `{`, and `}` after it with at least one byte between, only what lies between the first `{` and the
 * first `}` after it is summed, so that keys can be put into one slot on purpose. Called where commands name keys.
 */

/** Slots of a cluster. */
const SLOT_COUNT = 16_384;
const POLYNOMIAL = 0x1021;
const OPEN = 0x7b;
const CLOSE = 0x7d;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : POLYNOMIAL);
  return crc;
});

/** Slot of the key that lies in `bytes` from `start` to `end`. */
export function slotOfKey(bytes: Uint8Array, start: number, end: number): number {
  for (let open = start; open < end; open++) {
    if (bytes[open] !== OPEN) continue;
    let close = open + 1;
    while (close < end && bytes[close] !== CLOSE) close++;
    const hasTag = close < end && close > open + 1;
    return hasTag ? crc16(bytes, open + 1, close) % SLOT_COUNT : crc16(bytes, start, end) % SLOT_COUNT;
  }
  return crc16(bytes, start, end) % SLOT_COUNT;
}

function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ TABLE[(crc >>> 8) ^ bytes[i]];
  return crc;
}
