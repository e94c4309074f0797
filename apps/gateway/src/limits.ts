/**
 * The limits of the gateway, its collector and its sensors, in one place.
 *
 * Every queue, batch and wait in these programs is bounded by a line of this table; the options of the programs are
 * checked against it. Everything here is a plain number with its unit last.
 */
export const LIMITS = {
  /** Stations are numbered with three digits. */
  stationsMax: 999,
  /** Readings per second of all stations together that the sensors can be asked for. */
  ratePerSecondMax: 50_000,
  /** Readings a station keeps in its own memory while nobody takes them; then it stops sampling. */
  stationMemoryMax: 8_192,
  /** Readings that one visit to the sensors brings back at most. */
  collectMax: 5_000,
  /** Readings in one upload, and gap records sent along with them. */
  uploadMax: 250,
  gapsPerUploadMax: 100,
  /** Body of one request, in either direction. */
  bodyBytesMax: 8 * 1024 * 1024,
  /** First wait after a failed upload; it doubles up to the upload interval, between these bounds. */
  retryFirstMs: 250,
  retryMaxFloorMs: 2_000,
  /** A visit to the sensors that takes longer has failed. */
  collectTimeoutMs: 2_000,
  /** How long a child process may take to end when asked, before it is killed. */
  stopGraceMs: 4_000,
} as const;

/** Every server of these programs listens here and nowhere else. */
export const LOOPBACK = '127.0.0.1';
