/** `ferrite import`: takes what `export` wrote, or any RESP stream of commands, into a store or a server. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import type { CliCall } from '@ferrite/core/module';
import { FAILED, OK } from '../exit-codes.ts';
import { countText } from '../format.ts';
import { openPlace, type Place } from '../transfer/place.ts';
import { type Item, readJsonLines, readRespStream } from '../transfer/read-commands.ts';
import { Sender } from '../transfer/sender.ts';

const FAILURES_SHOWN = 20;
const STAR = 0x2a;

export async function run(call: CliCall): Promise<number> {
  const [path = '-', target] = call.arguments;
  const source = await openSource(call, path);
  try {
    const place = await openPlace(call, target, 'write');
    try {
      return await importInto(call, place, source);
    } finally {
      await place.close();
    }
  } finally {
    source.close();
  }
}

async function importInto(call: CliCall, place: Place, source: Source): Promise<number> {
  const format = call.text('format') ?? (source.first === STAR ? 'resp' : 'jsonl');
  const items = format === 'resp' ? readRespStream(source.input) : readJsonLines(source.input);
  const unit = format === 'resp' ? 'command' : 'line';
  const sender = new Sender(place.client, FAILURES_SHOWN);
  const end = await sendAll(call, items, sender, source);
  const next = sender.nextOf(end);
  const isComplete = sender.failed === 0;
  for (const { number, error } of sender.failures) call.note(`${unit} ${number}: ${error}`);
  const goOn = isComplete || call.flag('keep-going') ? '' : `; go on with --from ${next}`;
  const failed = isComplete ? '' : `, ${countText(sender.failed)} failed`;
  call.result(`${place.name}: ${countText(sender.done)} ${unit}s taken${failed}${goOn}`, {
    into: place.name,
    done: sender.done,
    failed: sender.failed,
    failures: sender.failures,
    next,
  });
  return isComplete ? OK : FAILED;
}

/** Resolves with the number after the last item that was dealt with. */
async function sendAll(call: CliCall, items: AsyncIterable<Item>, sender: Sender, source: Source): Promise<number> {
  const from = call.number('from') ?? 1;
  const keepsGoing = call.flag('keep-going');
  const progress = call.progress('importing, bytes');
  let end = from;
  try {
    for await (const item of items) {
      if (item.number < from) {
        follow(item, sender);
        continue;
      }
      if (sender.isLost || (sender.failed > 0 && !keepsGoing)) break;
      await sender.send(item);
      end = item.number + 1;
      progress.update(source.read(), source.sizeBytes);
    }
    await sender.settle();
    return end;
  } finally {
    progress.end();
  }
}

/** Of a stream that is begun in its middle, the database counts. */
function follow({ commands }: Item, sender: Sender): void {
  const [name, database] = commands[0] ?? [];
  if (commands.length === 1 && String(name).toUpperCase() === 'SELECT') sender.startsIn(Number(String(database)));
}

interface Source {
  readonly input: Readable;
  /** Its first byte, undefined when it is empty. */
  readonly first: number | undefined;
  readonly sizeBytes: number | undefined;
  /** Bytes read so far. */
  read(): number;
  /** What was not read is left alone: who writes it is not waited for. */
  close(): void;
}

async function openSource(call: CliCall, path: string): Promise<Source> {
  const isInput = path === '-';
  const sizeBytes = isInput ? undefined : (await stat(path)).size;
  const raw: Readable = isInput ? call.input : createReadStream(path);
  let bytes = 0;
  const input = new PassThrough();
  raw.on('error', (error) => input.destroy(error));
  raw.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  raw.pipe(input);
  const first = await firstByte(input);
  return { input, first, sizeBytes, read: () => bytes, close: () => raw.destroy() };
}

function firstByte(input: PassThrough): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    input.once('error', reject);
    input.once('readable', () => {
      const chunk = input.read() as Buffer | null;
      if (chunk !== null) input.unshift(chunk);
      resolve(chunk?.[0]);
    });
  });
}
