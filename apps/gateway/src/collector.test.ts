import { Agent } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector } from './collector.ts';
import { Generator } from './generator.ts';
import { postJson } from './http.ts';
import { Ledger } from './ledger.ts';
import { loadNormals } from './normals.ts';
import type { Reading } from './reading.ts';

const generator = new Generator(1, loadNormals());
const reading = generator.reading('st-000', 1) as Reading;
const agent = new Agent({ keepAlive: false });
let ledger: Ledger;
let collector: Collector;
let url: URL;

beforeEach(async () => {
  ledger = new Ledger(generator);
  collector = new Collector(ledger, 0);
  url = new URL(`http://127.0.0.1:${await collector.start(0)}/readings`);
});
afterEach(() => collector.stop());

function upload(timeoutMs = 1_000): Promise<unknown> {
  return postJson(url, { readings: [reading], gaps: [] }, { agent, timeoutMs });
}

describe('the collector', () => {
  it('enters an upload and acknowledges it', async () => {
    expect(await upload()).toEqual({ accepted: 1 });
    expect(ledger.counts).toEqual({ delivered: 1, duplicates: 0, altered: 0 });
  });

  it('refuses connections while it is down, and listens on the same port afterwards', async () => {
    await upload();
    await collector.setMode('down');
    await expect(upload()).rejects.toThrow(/ECONNREFUSED/);
    await collector.setMode('up');
    await upload();
    expect(ledger.counts.duplicates).toBe(1);
  });

  it('answers 500 while it fails, every second time with the readings in its book', async () => {
    await collector.setMode('failing');
    await expect(upload()).rejects.toThrow('500 Internal Server Error');
    expect(ledger.counts.delivered).toBe(0);
    await expect(upload()).rejects.toThrow('500 Internal Server Error');
    expect(ledger.counts.delivered).toBe(1);
  });

  it('answers late while it is slow, but has the readings at once', async () => {
    await collector.setMode('slow');
    await expect(upload(100)).rejects.toThrow('no answer within 100 ms');
    expect(ledger.counts.delivered).toBe(1);
  });

  it('answers an audit with what is missing', async () => {
    await upload();
    const audit = (acknowledged: object): Promise<unknown> =>
      postJson(new URL('/audit', url), { acknowledged }, { agent, timeoutMs: 1_000 });
    expect(await audit({ 'st-000': 1 })).toMatchObject({ lost: 0, delivered: 1 });
    expect(await audit({ 'st-000': 1, 'st-001': 1 })).toMatchObject({ lost: 1, examples: ['st-001/1-1'] });
    expect(await postJson(new URL('/counts', url), {}, { agent, timeoutMs: 1_000 })).toEqual(ledger.counts);
  });

  it('survives a request that is no JSON and one to nowhere', async () => {
    expect((await fetch(url, { method: 'POST', body: '{"readings": [' })).status).toBe(400);
    expect((await fetch(new URL('/elsewhere', url))).status).toBe(404);
    await upload();
  });
});
