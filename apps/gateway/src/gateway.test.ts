import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector } from './collector.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import { Generator } from './generator.ts';
import { Ledger } from './ledger.ts';
import { loadNormals } from './normals.ts';
import { SensorField } from './sensor-field.ts';

const generator = new Generator(77, loadNormals());
let path: string;
let ledger: Ledger;
let collector: Collector;
let url: URL;
let lines: string[];

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'ferrite-gateway-'));
  lines = [];
  ledger = new Ledger(generator);
  collector = new Collector(ledger, 0);
  url = new URL(`http://127.0.0.1:${await collector.start(0)}`);
});
afterEach(async () => {
  await collector.stop();
  rmSync(path, { recursive: true });
});

function gatewayWith(more: Partial<GatewayOptions> = {}): Gateway {
  return new Gateway({
    path,
    collector: url,
    collectMs: 10,
    uploadMs: 20,
    timeoutMs: 300,
    durability: 'everysec',
    memory: 8 * 1024 * 1024,
    maxBuffer: 100_000,
    whenFull: 'reject',
    random: () => 0,
    log: (line) => lines.push(line),
    ...more,
  });
}

function field(): SensorField {
  return new SensorField({ generator, stationCount: 3, rate: 3_000, nowMs: () => performance.now() });
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadlineMs = performance.now() + 3_000; !holds(); await sleep(5)) {
    if (performance.now() > deadlineMs) expect.fail(`waited in vain; the gateway said: ${lines.join(' | ')}`);
  }
}

describe('the gateway', () => {
  it('brings readings to the collector and keeps nothing of what arrived', async () => {
    const gateway = gatewayWith();
    const sensors = field();
    const running = gateway.run(sensors);
    await until(() => ledger.counts.delivered > 200);
    await gateway.stop();
    await running;
    const stored = gateway.storedUpTo;
    expect(ledger.audit(stored)).toMatchObject({ lost: 0, altered: 0 });
    expect(Object.keys(stored)).toHaveLength(3);
    const reopened = gatewayWith();
    expect(reopened.status().backlog).toBe(0);
    expect(reopened.storedUpTo).toEqual(stored);
    reopened.close();
  });

  it('goes on collecting while the collector is down, says so, and leaves the rest in the store when stopped', async () => {
    await collector.setMode('down');
    const gateway = gatewayWith();
    const running = gateway.run(field());
    await until(() => gateway.status().failures > 0 && gateway.status().stored > 100);
    await gateway.stop();
    await running;
    expect(lines[0]).toMatch(/^upload failed: .*ECONNREFUSED.*; retrying in 0\.3 s$/);
    expect(lines.at(-1)).toMatch(/^last upload failed: .*readings stay in the store$/);

    await collector.setMode('up');
    const reopened = gatewayWith();
    expect(reopened.status().backlog).toBeGreaterThan(100);
    await reopened.stop();
    expect(ledger.audit(reopened.storedUpTo)).toMatchObject({ lost: 0, duplicates: 0 });
  });

  it('takes no more readings than its buffer may hold, and says why', async () => {
    await collector.setMode('down');
    const gateway = gatewayWith({ maxBuffer: 50 });
    const sensors = field();
    const running = gateway.run(sensors);
    await until(() => lines.some((line) => line.startsWith('not collecting: the buffer is full (50 readings)')));
    await until(() => sensors.waiting > 50);
    expect(gateway.status()).toMatchObject({ backlog: 50, highWater: 50, stored: 50, dropped: 0 });
    sensors.stopSampling();
    await collector.setMode('up');
    await until(() => lines.includes('collecting again') && sensors.waiting === 0);
    await gateway.stop();
    await running;
    expect(ledger.audit(sensors.acknowledged).lost).toBe(0);
  });

  it('drops the oldest when told to, and the collector hears of every one', async () => {
    await collector.setMode('down');
    const gateway = gatewayWith({ maxBuffer: 60, whenFull: 'dropOldest' });
    const sensors = field();
    const running = gateway.run(sensors);
    await until(() => gateway.status().dropped > 200);
    expect(gateway.status().backlog).toBe(60);
    await collector.setMode('up');
    await gateway.stop();
    await running;
    const audit = ledger.audit(sensors.acknowledged);
    expect(audit.lost).toBe(0);
    expect(audit.dropped).toBeGreaterThan(200);
    expect(audit.dropped).toBeLessThanOrEqual(gateway.storedUpTo['st-000'] * 3);
  });

  it('uploads again after an answer that came too late, and the collector leaves the duplicates out', async () => {
    await collector.setMode('slow');
    const gateway = gatewayWith({ timeoutMs: 60 });
    const sensors = field();
    const running = gateway.run(sensors);
    await until(() => ledger.counts.duplicates > 0);
    await collector.setMode('up');
    await until(() => gateway.status().drained > 0);
    await gateway.stop();
    await running;
    // What the last upload did not bring within 60 ms is still in the store.
    const reopened = gatewayWith();
    await reopened.stop();
    expect(ledger.audit(reopened.storedUpTo)).toMatchObject({ lost: 0, altered: 0 });
  });
});
