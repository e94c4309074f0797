/**
 * A reading, the keys under which the gateway's store keeps it, and a gap that says where readings were dropped.
 *
 * | key | value |
 * |---|---|
 * | `reading:<station>:<seq, 10 digits>` | a reading that the collector has not acknowledged |
 * | `latest:<station>:<sensor>` | the newest reading of that sensor with its sequence number |
 * | `summary:<station>:<sensor>` | the rolling summary of that sensor |
 * | `gap:<station>:<first seq, 10 digits>` | readings dropped because the buffer was full |
 *
 * Sequence numbers count from 1 for each station and are given by the station, not by the gateway. Zeros in front make
 * the order of the keys the order of the readings.
 */
export const SENSORS = ['temperature', 'pressure', 'wind'] as const;
export type Sensor = (typeof SENSORS)[number];

export interface Reading {
  readonly station: string;
  readonly seq: number;
  readonly sensor: Sensor;
  readonly value: number;
  /** The station's own clock, milliseconds since 1970; each station's clock is a little wrong. */
  readonly atMs: number;
}

/** Readings `from` to `to` of a station, dropped on purpose: a full buffer that must take the newer ones. */
export interface Gap {
  readonly station: string;
  readonly from: number;
  readonly to: number;
  readonly droppedCount: number;
}

export const READING_PREFIX = 'reading:';
export const LATEST_PREFIX = 'latest:';
export const GAP_PREFIX = 'gap:';

const SEQ_DIGITS = 10;

export function stationName(index: number): string {
  return `st-${String(index).padStart(3, '0')}`;
}

export function stationPrefix(station: string): string {
  return `${READING_PREFIX}${station}:`;
}

export function readingKey(station: string, seq: number): string {
  return stationPrefix(station) + String(seq).padStart(SEQ_DIGITS, '0');
}

export function latestKey(station: string, sensor: Sensor): string {
  return `${LATEST_PREFIX}${station}:${sensor}`;
}

export function summaryKey(station: string, sensor: Sensor): string {
  return `summary:${station}:${sensor}`;
}

export function gapKey(station: string, from: number): string {
  return `${GAP_PREFIX}${station}:${String(from).padStart(SEQ_DIGITS, '0')}`;
}

/** Station and sequence number out of a reading's key. */
export function parseReadingKey(key: string): { station: string; seq: number } {
  const colon = key.lastIndexOf(':');
  return { station: key.slice(READING_PREFIX.length, colon), seq: Number(key.slice(colon + 1)) };
}

/** The first key behind all keys with this prefix, which ends in an ASCII character. */
export function endOf(prefix: string): string {
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

/** What the store keeps of a reading: the key says the rest. */
export function encodeReading(reading: Reading): string {
  return JSON.stringify({ sensor: reading.sensor, value: reading.value, atMs: reading.atMs });
}

export function decodeReading(key: string, text: string): Reading {
  return { ...parseReadingKey(key), ...(JSON.parse(text) as Pick<Reading, 'sensor' | 'value' | 'atMs'>) };
}
