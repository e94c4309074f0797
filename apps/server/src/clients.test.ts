/** The two clients that Node programs use, as they are by default. */
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BuiltServer, freePort, type RunningServer } from '../test/run-server.ts';

let built: BuiltServer;
let server: RunningServer;
let port: number;

beforeAll(async () => {
  built = await BuiltServer.build();
  port = await freePort();
  await start();
}, 60_000);

afterAll(() => built.remove());

async function start(): Promise<void> {
  server = built.run('--port', String(port), '--dir', 'clients');
  await server.ready();
}

async function restart(): Promise<void> {
  await server.kill('SIGKILL');
  await start();
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('ioredis', () => {
  let client: Redis;
  beforeEach(async () => {
    client = new Redis(port);
    // A server that is killed is told as an error; the client comes back by itself.
    client.on('error', () => undefined);
    await client.flushall();
    return () => client.disconnect();
  });

  it('pipelines, by hand and by itself', async () => {
    const replies = await client.pipeline().set('a', '1').incr('a').get('a').call('NOSUCH').exec();
    expect(replies?.slice(0, 3).map(([, value]) => value)).toEqual(['OK', 2, '2']);
    expect(replies?.[3][0]).toBeInstanceOf(Error);
    const automatic = new Redis({ port, enableAutoPipelining: true });
    const sets = Array.from({ length: 500 }, (_, i) => automatic.set(`k${i}`, `v${i}`));
    expect(new Set(await Promise.all(sets))).toEqual(new Set(['OK']));
    const gets = Array.from({ length: 500 }, (_, i) => automatic.get(`k${i}`));
    expect(await Promise.all(gets)).toEqual(sets.map((_, i) => `v${i}`));
    automatic.disconnect();
  });

  it('subscribes, and runs transactions', async () => {
    const subscriber = new Redis(port);
    const heard: string[] = [];
    subscriber.on('pmessage', (pattern, channel, message) => heard.push(`${pattern} ${channel} ${message}`));
    await subscriber.psubscribe('news.*');
    expect(await client.publish('news.today', 'rust')).toBe(1);
    await until(() => heard.length > 0);
    expect(heard).toEqual(['news.* news.today rust']);
    expect(await client.multi().set('t', '1').get('t').exec()).toEqual([
      [null, 'OK'],
      [null, '1'],
    ]);
    subscriber.disconnect();
  });

  it('comes back after the server was killed, and finds what was acknowledged', async () => {
    await client.set('kept', 'yes');
    await restart();
    expect(await client.get('kept')).toBe('yes');
  });
});

describe('node-redis', () => {
  it('connects, pipelines, subscribes and comes back', async () => {
    const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 3 });
    client.on('error', () => undefined);
    await client.connect();
    expect(await Promise.all([client.set('a', '1'), client.incr('a'), client.get('a')])).toEqual(['OK', 2, '2']);
    expect(await client.multi().set('b', 'x').get('b').exec()).toEqual(['OK', 'x']);
    const subscriber = client.duplicate();
    subscriber.on('error', () => undefined);
    await subscriber.connect();
    const heard: string[] = [];
    await subscriber.subscribe('news', (message) => heard.push(message));
    await client.publish('news', 'rust');
    await until(() => heard.length > 0);
    expect(heard).toEqual(['rust']);
    subscriber.destroy();
    await restart();
    expect(await client.get('b')).toBe('x');
    client.destroy();
  });
});
