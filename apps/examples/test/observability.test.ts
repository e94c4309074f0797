import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Collector, type OtlpSpan } from './collector.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

let directory: string;
let collector: Collector;
let endpoint: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ferrite-observability-'));
  symlinkSync(join(root, 'apps/examples/node_modules'), join(directory, 'node_modules'));
  collector = new Collector();
  endpoint = await collector.listen();
});

afterEach(() => {
  collector.close();
  rmSync(directory, { recursive: true, force: true });
});

it('a collector gets the spans and metrics of the example, in the names of the conventions', async () => {
  const child = run([await bundle('apps/examples/src/observability.ts')]);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(treeOf(collector.spans)).toEqual([
    'PIPELINE 3 ERR',
    '  DECR',
    '  INCR ERR',
    '  SET',
    'take an order',
    '  BATCH 2',
    '  incrBy',
  ]);
  const pipeline = collector.spans.find(({ name }) => name === 'PIPELINE');
  expect(attributesOf(pipeline)).toMatchObject({
    'db.system.name': 'ferrite',
    'db.namespace': '0',
    'ferrite.store': 'shop',
    'server.address': '127.0.0.1',
  });
  expect(collector.metrics.get('ferrite.keys')?.sum?.dataPoints[0]).toMatchObject({ asDouble: 4 });
  expect(collector.metrics.get('ferrite.command.duration')?.histogram?.dataPoints).toHaveLength(3);
  expect(collector.metrics.get('ferrite.flash.fsyncs')?.unit).toBe('{fsync}');
});

it('the server sends to it when the SDK is set up before it, by the variables that the SDK reads', async () => {
  const instrumentation = await bundle('apps/examples/src/instrumentation.ts');
  const server = await bundle('apps/server/src/ferrite-server.ts');
  const socket = join(directory, 'socket');
  const where = ['--port', '0', '--unixsocket', socket, '--dir', ''];
  const args = ['--import', instrumentation, server, ...where, '--features', 'otel'];
  const child = run(args, {
    OTEL_SERVICE_NAME: 'cache',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
  });
  try {
    await isReady(child);
    const client = connect(socket);
    client.end('SET a 1\r\nGET a\r\nGET a\r\n');
    client.resume();
    await until(() => collector.spans.length > 0 && collector.metrics.has('ferrite.command.calls'));
    expect(treeOf(collector.spans)).toEqual(['PIPELINE 3']);
    expect(attributesOf(collector.spans[0])['ferrite.store']).toBe('memory');
    expect(collector.services).toEqual(new Set(['cache']));
  } finally {
    child.kill('SIGKILL');
  }
});

/** A program from the sources, as its reader would run it, the SDK from the workspace. */
async function bundle(source: string): Promise<string> {
  const program = join(directory, `${source.replaceAll('/', '-')}.mjs`);
  await build({
    entryPoints: [join(root, source)],
    tsconfig: join(root, 'tsconfig.json'),
    external: ['@opentelemetry/*'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.11',
    outfile: program,
    logLevel: 'silent',
  });
  return program;
}

/** Runs Node; what it says on stderr is shown. */
function run(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env },
  });
  child.stderr.pipe(process.stderr);
  return child;
}

/** Waits until a server says that clients can connect. */
async function isReady(child: ChildProcess): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until(() => output.includes('Ready to accept connections') || child.exitCode !== null);
  expect(child.exitCode, output).toBeNull();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A line for each span, below its parent: name, size of a batch, error. */
function treeOf(spans: readonly OtlpSpan[], parent?: OtlpSpan, indent = ''): string[] {
  const children = spans.filter(({ parentSpanId = '' }) => parentSpanId === (parent?.spanId ?? ''));
  const lines = children.map((span): string[] => {
    const attributes = attributesOf(span);
    const details = [span.name, attributes['db.operation.batch.size'], attributes['error.type']];
    const line = details.filter((each) => each !== undefined).join(' ');
    return [`${indent}${line}`, ...treeOf(spans, span, `${indent}  `)];
  });
  return lines.sort(([one], [other]) => (one < other ? -1 : 1)).flat();
}

function attributesOf(span: OtlpSpan | undefined): Record<string, string | number | undefined> {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
  );
}
