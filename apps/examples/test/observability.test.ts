import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { Collector, type OtlpSpan } from './collector.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it('a collector gets the spans and metrics of the example, in the names of the conventions', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ferrite-observability-'));
  const collector = new Collector();
  try {
    await runExample(directory, await collector.listen());
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
  } finally {
    collector.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

/** The program from the sources, as its reader would run it, the SDK from the workspace. */
async function runExample(directory: string, endpoint: string): Promise<void> {
  symlinkSync(join(root, 'apps/examples/node_modules'), join(directory, 'node_modules'));
  const program = join(directory, 'observability.mjs');
  await build({
    entryPoints: [join(root, 'apps/examples/src/observability.ts')],
    tsconfig: join(root, 'tsconfig.json'),
    external: ['@opentelemetry/*'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.11',
    outfile: program,
    logLevel: 'silent',
  });
  const child = spawn(process.execPath, [program], {
    cwd: directory,
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(code, errors).toBe(0);
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
