/** `ferrite export`: everything a store or a server holds, as commands that make it anew or as JSON lines. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { CliCall } from '@ferrite/core/module';
import { encodeCommand } from '../client/encode.ts';
import { OK } from '../exit-codes.ts';
import { bytesText, countText } from '../format.ts';
import { commandsOf } from '../transfer/commands-of.ts';
import type { Entry } from '../transfer/entry.ts';
import { toJsonLine } from '../transfer/json-line.ts';
import { openPlace, type Place } from '../transfer/place.ts';
import { countKeys, readEntries } from '../transfer/read-entries.ts';

interface Sum {
  keys: number;
  bytes: number;
}

export async function run(call: CliCall): Promise<number> {
  const out = call.text('out');
  if (out === undefined && call.isJson) throw call.usageError('--json tells about a file: name one with --out');
  if (out !== undefined && existsSync(out)) throw new Error(`${out} is there already`);
  const place = await openPlace(call, call.arguments[0], 'read');
  try {
    const sum = out === undefined ? await toOutput(call, place) : await toFile(call, place, out);
    const text = `${place.name}: ${countText(sum.keys)} keys, ${bytesText(sum.bytes)}`;
    if (out === undefined) call.note(text);
    else call.result(`${text}, in ${out}`, { from: place.name, out, ...sum });
    return OK;
  } finally {
    await place.close();
  }
}

async function toOutput(call: CliCall, place: Place): Promise<Sum> {
  const { output } = call;
  return writeAll(call, place, async (bytes) => {
    if (!output.write(bytes)) await new Promise((resolve) => output.once('drain', resolve));
  });
}

/** The file appears complete, durable, or not at all. */
async function toFile(call: CliCall, place: Place, out: string): Promise<Sum> {
  const unfinished = `${out}.unfinished-${randomBytes(4).toString('hex')}`;
  const file = await open(unfinished, 'wx', 0o600);
  try {
    const sum = await writeAll(call, place, async (bytes) => {
      await file.writeFile(bytes);
    });
    await file.sync();
    await file.close();
    await rename(unfinished, out);
    return sum;
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeAll(call: CliCall, place: Place, write: (bytes: Buffer) => Promise<void>): Promise<Sum> {
  const counts = await countKeys(place.client);
  const databases = databasesOf(call, counts);
  const total = databases.reduce((all, database) => all + (counts.get(database) ?? 0), 0);
  const encode = call.text('format') === 'jsonl' ? jsonEncoder() : respEncoder();
  const progress = call.progress('exporting');
  const sum = { keys: 0, bytes: 0 };
  try {
    for await (const entries of readEntries(place.client, databases, call.text('match'))) {
      const bytes = Buffer.concat(entries.map(encode));
      if (bytes.length > 0) await write(bytes);
      sum.keys += entries.length;
      sum.bytes += bytes.length;
      progress.update(sum.keys, total);
    }
    return sum;
  } finally {
    progress.end();
  }
}

function databasesOf(call: CliCall, counts: ReadonlyMap<number, number>): number[] {
  const asked = call.texts('db').map(Number);
  return asked.length > 0 ? asked : [...counts.keys()].sort((a, b) => a - b);
}

function jsonEncoder(): (entry: Entry) => Buffer {
  return (entry) => Buffer.from(toJsonLine(entry), 'utf8');
}

/** The stream begins in database 0, as every connection does. */
function respEncoder(): (entry: Entry) => Buffer {
  let database = 0;
  return (entry) => {
    const commands = commandsOf(entry).map(encodeCommand);
    if (entry.database !== database) commands.unshift(encodeCommand(['SELECT', entry.database]));
    database = entry.database;
    return Buffer.concat(commands);
  };
}
