/**
 * Hot backup: copies a store to another device while writes go on.
 *
 * The copy is what a power cut at one moment, with everything not yet durable gone, would leave: the segments of both logs
 * up to where they are durable, and the newest checkpoint. Recovery opens such a thing anyhow, so a backup needs
 * nothing of its own to be read. What always holds:
 * 1. The moment comes after a commit and a checkpoint that were begun after the call, so the copy holds everything
 *    written before it, and opens without a long replay.
 * 2. Segments of that moment are pinned until they are copied; durable bytes never change.
 * 3. No call holds the loop: each step reads and writes 256 KiB in the pool.
 */

import { FerriteError } from '../base/errors.ts';
import type { Device, DeviceFile } from '../device/device.ts';
import { UNIT_BYTES } from './address.ts';
import { checkpointFileName } from './checkpoint-format.ts';
import { toFerriteError } from './device-io.ts';
import { SEGMENT_HEADER_BYTES, type Segment, type Segments, segmentFileName } from './segments.ts';
import { writeStoreFile } from './store-file.ts';
import type { Store } from './store.ts';

const STEP_BYTES = 256 * 1024;

export interface BackupReport {
  files: number;
  /** Bytes copied. The files may be larger: segments keep their full size. */
  bytes: number;
  durationMs: number;
}

/** A file to copy. */
interface Source {
  name: string;
  file: DeviceFile;
  bytes: number;
  sizeBytes: number;
}

/** Throws unless the store can be backed up. */
export function checkBackup(store: Store): void {
  if (!store.hasDisk) {
    throw new FerriteError('FERRITE_UNSUPPORTED', 'a memory-only store has no files to back up: copy its entries()');
  }
  if (store.identity.readOnly) {
    throw new FerriteError(
      'FERRITE_READ_ONLY',
      `${store.path} was opened read-only: nobody writes to it, so copy the directory`,
    );
  }
}

/** Copies the store to an empty device, durably. Background work must go on meanwhile. */
export async function copyStore(store: Store, target: Device): Promise<BackupReport> {
  checkBackup(store);
  const begun = store.clock.monotonicMs();
  await store.committer.commit();
  checkOpen(store);
  await store.checkpointer?.whenPublished();
  checkOpen(store);
  store.committer.check();
  const pinned = pinAll(store);
  const sources: Source[] = [];
  try {
    sources.push(...sourcesOf(store));
    const buffer = Buffer.allocUnsafe(STEP_BYTES);
    let bytes = 0;
    for (const source of sources) bytes += await copyFile(store, source, target, buffer);
    writeStoreFile(target, store.identity);
    await target.syncDirectory();
    return { files: sources.length + 1, bytes, durationMs: store.clock.monotonicMs() - begun };
  } finally {
    for (const segment of pinned) segment.pins--;
    for (const source of sources) if (source.name.startsWith('checkpoint')) source.file.closeSync();
  }
}

function checkOpen(store: Store): void {
  if (store.closed) throw new FerriteError('FERRITE_CLOSED', `${store.path} was closed while it was being backed up`);
}

function pinAll(store: Store): Segment[] {
  const segments = [...(store.log.segments?.list ?? []), ...(store.cold?.segments.list ?? [])].filter(
    (one) => one.ready,
  );
  for (const segment of segments) segment.pins++;
  return segments;
}

/** The files of this moment, and how much of each belongs to it. */
function sourcesOf(store: Store): Source[] {
  const { log, cold, checkpointer } = store;
  const sources: Source[] = [];
  const newest = checkpointer?.kept.at(-1);
  if (newest !== undefined) {
    const name = checkpointFileName(newest.generation);
    const file = (store.options.device as Device).openSync(name, 'read');
    sources.push({ name, file, bytes: newest.sizeBytes, sizeBytes: newest.sizeBytes });
  }
  if (log.segments !== null) addSegments(sources, log.segments, log.durableUntil);
  if (cold !== null) addSegments(sources, cold.segments, cold.durableUntil);
  return sources;
}

function addSegments(sources: Source[], segments: Segments, until: number): void {
  for (const segment of segments.list) {
    // One that is only planned has no file; one that is ready and empty is known to the checkpoint.
    if (!segment.ready) continue;
    const used = (Math.min(segment.end, until) - segment.base) * UNIT_BYTES;
    sources.push({
      name: segmentFileName(segments.log, segment.number),
      file: segments.openFile(segment),
      bytes: Math.max(used, SEGMENT_HEADER_BYTES),
      sizeBytes: segment.units * UNIT_BYTES,
    });
  }
}

async function copyFile(store: Store, source: Source, target: Device, buffer: Buffer): Promise<number> {
  const file = openTarget(target, source.name);
  try {
    if (source.sizeBytes > source.bytes) file.truncateSync(source.sizeBytes);
    for (let at = 0; at < source.bytes; ) {
      checkOpen(store);
      const wanted = Math.min(STEP_BYTES, source.bytes - at);
      const have = await source.file.read(buffer, 0, wanted, at);
      if (have < wanted)
        throw new FerriteError('FERRITE_CORRUPT', `${source.name} of ${store.path} is shorter than it should be`);
      for (let done = 0; done < have; ) done += await file.write(buffer, done, have - done, at + done);
      at += have;
    }
    await file.sync();
    return source.bytes;
  } catch (error) {
    throw toFerriteError(error, `backing up ${source.name} to ${target.path}`);
  } finally {
    file.closeSync();
  }
}

function openTarget(target: Device, name: string): DeviceFile {
  try {
    return target.openSync(name, 'create');
  } catch (error) {
    throw toFerriteError(error, `backing up ${name} to ${target.path}`);
  }
}
