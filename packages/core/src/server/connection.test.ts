import { afterEach, describe, expect, it } from 'vitest';
import { request, until } from '../../test/socket-client.ts';
import { TestTransport } from '../../test/test-transport.ts';
import { openDriven } from '../embedded/driven.ts';
import { Prng } from '../base/prng.ts';
import { Instance } from '../instance/instance.ts';
import { SimClock, SimDevice } from '@ferrite/testing';
import { Server } from './server.ts';
import { ServerSettings } from './settings.ts';

const KB = 1024;
const MB = 1024 * KB;

interface Fixture {
  transport: TestTransport;
  instance: Instance;
  settings: ServerSettings;
  server: Server;
  clock: SimClock;
  logged: string[];
}

const servers: Server[] = [];

async function makeServer(device: SimDevice | null = null): Promise<Fixture> {
  const clock = device?.clock ?? new SimClock();
  const { store } = openDriven({ pageSize: '128kb' }, { device, clock, prng: new Prng(1) });
  const instance = new Instance(store);
  const logged: string[] = [];
  instance.log = (_level, text) => logged.push(text);
  const settings = new ServerSettings();
  const transport = new TestTransport();
  const server = new Server(instance, settings, [transport]);
  await server.listen();
  servers.push(server);
  return { transport, instance, settings, server, clock, logged };
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('one connection', () => {
  it('is answered by one write for all commands of a read', async () => {
    const { transport } = await makeServer();
    const peer = transport.connect();
    peer.send(request('PING').repeat(100));
    expect(peer.text).toBe('+PONG\r\n'.repeat(100));
    expect(peer.writes).toBe(1);
  });

  it('is answered the same however its requests are cut, while others use the same buffer', async () => {
    const { transport } = await makeServer();
    const peer = transport.connect();
    const other = transport.connect();
    const text = request('SET', 'key', 'x'.repeat(300)) + request('GET', 'key') + request('ECHO', 'end');
    for (const byte of text) {
      peer.send(byte);
      other.send(request('ECHO', 'something else'));
    }
    await turn();
    expect(peer.text).toBe(`+OK\r\n$300\r\n${'x'.repeat(300)}\r\n$3\r\nend\r\n`);
  });

  it('never finds its replies overwritten while they wait to be taken', async () => {
    const { transport } = await makeServer();
    const slow = transport.connect();
    const quick = transport.connect();
    slow.isReading = false;
    let expected = '';
    for (let i = 0; i < 200; i++) {
      slow.send(request('ECHO', `slow ${i} ${'s'.repeat(i * 10)}`));
      quick.send(request('ECHO', `quick ${i} ${'q'.repeat(i * 10)}`));
      expected += `$${`slow ${i} `.length + i * 10}\r\nslow ${i} ${'s'.repeat(i * 10)}\r\n`;
      if (i % 7 === 0) slow.takeOne();
    }
    slow.read();
    await until(() => slow.takenBytes >= expected.length);
    expect(slow.text).toBe(expected);
  });

  it('keeps what waits for a slow reader in memory of about its own size', async () => {
    const { transport, instance } = await makeServer();
    const slow = transport.connect();
    slow.isReading = false;
    let allocated = 0;
    const { buffers } = instance;
    const acquire = buffers.acquire.bind(buffers);
    const release = buffers.release.bind(buffers);
    buffers.acquire = (sizeBytes) => {
      const buffer = acquire(sizeBytes);
      allocated += buffer.length;
      return buffer;
    };
    buffers.release = (buffer) => {
      allocated -= buffer.length;
      release(buffer);
    };
    for (let i = 0; i < 1000; i++) slow.send(request('PING'));
    expect(allocated).toBeLessThanOrEqual(128 * KB);
    expect(slow.socket.writableLength).toBe(7000);
  });
});

describe('a client that does not read', () => {
  it('is not read from beyond its allowance, and goes on where it stopped once it reads', async () => {
    const { transport, instance } = await makeServer();
    const peer = transport.connect();
    peer.send(request('SET', 'big', 'b'.repeat(100 * KB)));
    await turn();
    const before = instance.traffic.commands;
    peer.isReading = false;
    peer.send(request('GET', 'big').repeat(200));
    for (let i = 0; i < 20; i++) await turn();
    expect(instance.traffic.commands - before).toBeLessThan(30);
    expect(peer.isPaused).toBe(true);
    peer.read();
    const reply = `$${100 * KB}\r\n${'b'.repeat(100 * KB)}\r\n`;
    await until(() => peer.takenBytes >= 5 + reply.length * 200);
    expect(peer.isPaused).toBe(false);
    expect(peer.text === `+OK\r\n${reply.repeat(200)}`).toBe(true);
  });

  it('gets more allowance while it takes nothing, for it may be sending a long pipeline before it reads', async () => {
    const { transport, instance } = await makeServer();
    const peer = transport.connect();
    peer.send(request('SET', 'big', 'b'.repeat(100 * KB)));
    await turn();
    peer.isReading = false;
    peer.send(request('GET', 'big').repeat(200));
    await until(() => instance.traffic.commands === 201);
    expect(peer.socket.writableLength).toBeGreaterThan(19 * MB);
  });

  it('is dropped when its output passes the hard limit of its class', async () => {
    const { transport, settings, logged, instance } = await makeServer();
    settings.outputLimits.normal.hardBytes = 100 * KB;
    const peer = transport.connect();
    peer.send(request('SET', 'big', 'b'.repeat(60 * KB)));
    await turn();
    peer.send(request('GET', 'big').repeat(2));
    expect(peer.socket.destroyed).toBe(true);
    expect(peer.takenBytes).toBe(5);
    expect(instance.clients.size).toBe(0);
    expect(logged.join()).toMatch(/closed for overcoming of output buffer limits/);
  });

  it('is dropped when its output stays above the soft limit for longer than the seconds it has', async () => {
    const { transport, settings, clock } = await makeServer();
    settings.outputLimits.normal.softBytes = 10 * KB;
    settings.outputLimits.normal.softSeconds = 2;
    const peer = transport.connect();
    peer.isReading = false;
    peer.send(request('ECHO', 'x'.repeat(20 * KB)));
    clock.advance(1500);
    peer.send(request('PING'));
    expect(peer.socket.destroyed).toBe(false);
    clock.advance(1500);
    peer.send(request('PING'));
    expect(peer.socket.destroyed).toBe(true);
  });
});

describe('limits of requests', () => {
  it('drop a client whose request is longer than the query buffer may be', async () => {
    const { transport, settings, logged } = await makeServer();
    settings.queryBytesMax = 100 * KB;
    const peer = transport.connect();
    peer.send(`*2\r\n$4\r\nECHO\r\n$${200 * KB}\r\n${'x'.repeat(150 * KB)}`);
    expect(peer.socket.destroyed).toBe(true);
    expect(peer.text).toBe('');
    expect(logged.join()).toMatch(/reached max query buffer length/);
  });

  it('close a connection after the error that a broken request gets', async () => {
    const { transport, instance } = await makeServer();
    const peer = transport.connect();
    peer.send('*1\r\n#4\r\n');
    peer.send(request('PING'));
    await until(() => peer.hasEnded);
    expect(peer.text).toBe("-ERR Protocol error: expected '$', got '#'\r\n");
    expect(instance.clients.size).toBe(0);
  });

  it('close a connection that speaks HTTP without an answer, and say so in the log', async () => {
    const { transport, logged } = await makeServer();
    for (const line of ['POST / HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: x\r\n']) {
      const peer = transport.connect();
      peer.send(line);
      expect(peer.socket.destroyed).toBe(true);
      expect(peer.text).toBe('');
    }
    expect(logged.filter((text) => text.includes('SECURITY ATTACK'))).toHaveLength(1);
  });
});

describe('the end of a connection', () => {
  it('comes after the replies to what was sent before the client hung up', async () => {
    const { transport, instance } = await makeServer();
    const peer = transport.connect();
    peer.send(request('SET', 'a', '1') + request('GET', 'a'));
    peer.hangUp();
    await until(() => peer.hasEnded);
    expect(peer.text).toBe('+OK\r\n$1\r\n1\r\n');
    await until(() => instance.clients.size === 0);
  });

  it('is forced on a client that was told to go and does not hang up', async () => {
    const { transport, clock } = await makeServer();
    const peer = transport.connect();
    peer.send('*1\r\n#4\r\n');
    await until(() => peer.hasEnded);
    expect(peer.socket.destroyed).toBe(false);
    await until(() => {
      clock.advance(100);
      return peer.socket.destroyed;
    });
  });

  it('comes to idle clients after the timeout, but not to busy ones', async () => {
    const { transport, settings, clock } = await makeServer();
    settings.idleSeconds = 10;
    const idle = transport.connect();
    const busy = transport.connect();
    await until(() => {
      clock.advance(2000);
      busy.send(request('PING'));
      return idle.socket.destroyed;
    });
    expect(busy.socket.destroyed).toBe(false);
  });
});

describe('who is let in', () => {
  it('is at most as many clients as the limit says', async () => {
    const { transport, settings, instance } = await makeServer();
    settings.clientsMax = 2;
    const first = transport.connect();
    transport.connect();
    const third = transport.connect();
    expect(third.text).toBe('-ERR max number of clients reached\r\n');
    expect(instance.traffic.connectionsRejected).toBe(1);
    first.hangUp();
    await until(() => instance.clients.size === 1);
    const fourth = transport.connect();
    fourth.send(request('PING'));
    expect(fourth.text).toBe('+PONG\r\n');
  });

  it('is not a client from elsewhere, as long as there is no password', async () => {
    const { transport, settings } = await makeServer();
    const stranger = transport.connect(false);
    expect(stranger.text).toMatch(/^-DENIED Redis is running in protected mode .* from the outside\.\r\n$/);
    settings.protectedMode = false;
    const welcome = transport.connect(false);
    welcome.send(request('PING'));
    expect(welcome.text).toBe('+PONG\r\n');
  });
});

describe('a server that closes', () => {
  it('sends the replies that wait for the device, and then ends the connections', async () => {
    const { transport, server, instance } = await makeServer(new SimDevice());
    const peer = transport.connect();
    peer.send(request('SET', 'a', '1'));
    expect(peer.text).toBe('');
    await server.close();
    expect(peer.text).toBe('+OK\r\n');
    expect(peer.hasEnded).toBe(true);
    expect(transport.isClosed).toBe(true);
    expect(instance.clients.size).toBe(0);
  });
});
