/** CLIENT, HELLO, AUTH, RESET, QUIT and MONITOR. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient, makeTestInstance } from '../../test/test-client.ts';

function lines(reply: unknown): string[] {
  return String(reply).split('\n').slice(0, -1);
}

describe('CLIENT', () => {
  it('INFO and LIST print the fields of redis', () => {
    const { connect } = makeTestInstance();
    const client = connect();
    client.send('CLIENT', 'SETNAME', 'me');
    client.send('CLIENT', 'SETINFO', 'LIB-NAME', 'lib');
    client.send('CLIENT', 'SETINFO', 'lib-ver', '1.0');
    const [line] = lines(client.send('CLIENT', 'LIST'));
    expect(line.replace(/(free|mem|rbs|rbp|fd)=-?\d+/g, '$1=N')).toBe(
      'id=1 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=N name=me age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 ' +
        'multi=-1 qbuf=26 qbuf-free=N argv-mem=N multi-mem=N rbs=N rbp=N obl=0 oll=0 omem=N tot-mem=N events=r ' +
        'cmd=client|list user=default redir=-1 resp=2 lib-name=lib lib-ver=1.0',
    );
    expect(client.send('CLIENT', 'INFO')).toContain('cmd=client|info');
  });

  it('LIST selects by type and by id', () => {
    const { connect } = makeTestInstance();
    const [one, other] = [connect(), connect()];
    other.send('SUBSCRIBE', 'x');
    expect(lines(one.send('CLIENT', 'LIST'))).toHaveLength(2);
    expect(lines(one.send('CLIENT', 'LIST', 'TYPE', 'pubsub'))[0]).toMatch(/^id=2 .* flags=P .* sub=1 .*cmd=subscribe/);
    expect(lines(one.send('CLIENT', 'LIST', 'ID', '1', '2', '3'))).toHaveLength(2);
    expect(errorOf(one.send('CLIENT', 'LIST', 'TYPE', 'x'))).toBe("ERR Unknown client type 'x'");
    expect(errorOf(one.send('CLIENT', 'LIST', 'ID', 'x'))).toBe('ERR Invalid client ID');
    expect(errorOf(one.send('CLIENT', 'LIST', 'x'))).toBe('ERR syntax error');
  });

  it('names are checked', () => {
    const client = makeTestClient();
    expect(client.send('CLIENT', 'GETNAME')).toBe(null);
    expect(client.send('CLIENT', 'SETNAME', 'a')).toBe('OK');
    expect(errorOf(client.send('CLIENT', 'SETNAME', 'a b'))).toBe(
      'ERR Client names cannot contain spaces, newlines or special characters.',
    );
    expect(client.send('CLIENT', 'GETNAME')).toBe('a');
    expect(client.send('CLIENT', 'SETNAME', '')).toBe('OK');
    expect(client.send('CLIENT', 'GETNAME')).toBe(null);
    expect(errorOf(client.send('CLIENT', 'SETINFO', 'lib-name', 'a b'))).toBe(
      'ERR lib-name cannot contain spaces, newlines or special characters.',
    );
    expect(errorOf(client.send('CLIENT', 'SETINFO', 'nope', 'a'))).toBe("ERR Unrecognized option 'nope'");
  });

  it('KILL ends the connections that all filters name', () => {
    const { connect, instance } = makeTestInstance();
    const [one, other, third] = [connect(), connect(), connect()];
    other.address = '10.0.0.1:1';
    third.send('SUBSCRIBE', 'x');
    expect(errorOf(one.send('CLIENT', 'KILL', '1.2.3.4:5'))).toBe('ERR No such client');
    expect(one.send('CLIENT', 'KILL', 'ADDR', '10.0.0.1:1', 'TYPE', 'pubsub')).toBe(0);
    expect(one.send('CLIENT', 'KILL', '10.0.0.1:1')).toBe('OK');
    expect([other.isDestroyed, third.isDestroyed]).toEqual([true, false]);
    expect(one.send('CLIENT', 'KILL', 'ID', '3')).toBe(1);
    expect(third.isDestroyed).toBe(true);
    expect(instance.clients.size).toBe(1);
    expect(one.send('CLIENT', 'KILL', 'TYPE', 'normal')).toBe(0);
    expect(errorOf(one.send('CLIENT', 'KILL', 'ID', '0'))).toBe('ERR client-id should be greater than 0');
    expect(errorOf(one.send('CLIENT', 'KILL', 'USER', 'x'))).toBe("ERR No such user 'x'");
    expect(errorOf(one.send('CLIENT', 'KILL', 'ID', '1', 'x'))).toBe('ERR syntax error');
    expect(one.send('CLIENT', 'KILL', 'USER', 'default', 'SKIPME', 'no', 'LADDR', '127.0.0.1:6379')).toBe(1);
    expect(one.client.closesAfterReply).toBe(true);
  });

  it('REPLY silences replies: all, or that of the next command', () => {
    const client = makeTestClient();
    expect(client.send('CLIENT', 'REPLY', 'SKIP')).toBe(undefined);
    expect(client.send('PING')).toBe(undefined);
    expect(client.send('PING')).toBe('PONG');
    client.send('CLIENT', 'REPLY', 'OFF');
    expect(client.send('PING')).toBe(undefined);
    expect(client.send('CLIENT', 'REPLY', 'SKIP')).toBe(undefined);
    expect(client.send('PING')).toBe(undefined);
    expect(client.send('CLIENT', 'REPLY', 'ON')).toBe('OK');
    expect(client.send('PING')).toBe('PONG');
  });

  it('PAUSE lets commands wait, and UNPAUSE lets them go on in order', async () => {
    const { connect } = makeTestInstance();
    const [one, other] = [connect(), connect()];
    expect(one.send('CLIENT', 'PAUSE', '100000', 'WRITE')).toBe('OK');
    expect(one.send('GET', 'k')).toBe(null);
    expect(other.sendBytes(Buffer.from('GET k\r\nSET k v\r\nGET k\r\n'))).toEqual([null]);
    expect(other.sendBytes(Buffer.from('PING\r\n'))).toEqual([]);
    expect(one.send('GET', 'k')).toBe(null);
    expect(one.send('CLIENT', 'UNPAUSE')).toBe('OK');
    await other.settled().then((replies) => expect(replies).toEqual(['OK', 'v', 'PONG']));
  });

  it('PAUSE leaves keys in place whose time is over, and takes them for absent', () => {
    let nowMs = 1_000_000;
    const { connect, driven } = makeTestInstance({}, { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
    const client = connect();
    client.send('MULTI');
    client.send('SET', 'a', 'v', 'PX', '10');
    client.send('SET', 'b', 'v', 'PX', '10');
    client.send('CLIENT', 'PAUSE', '100000', 'WRITE');
    // What was sent before the pause still writes, and meets a key that is over.
    client.send('SET', 'c', 'v', 'PXAT', '1');
    client.send('SET', 'c', 'w');
    expect(client.send('EXEC')).toEqual(['OK', 'OK', 'OK', 'OK', 'OK']);
    nowMs += 20;
    const before = driven.store.counters.expired;
    expect(client.send('MGET', 'a', 'b', 'c')).toEqual([null, null, 'w']);
    driven.tick();
    expect(driven.store.counters.expired).toBe(before);
    expect(client.send('DBSIZE')).toBe(3);
    expect(driven.db.set('a', 'new')).toBe(true);
    expect(client.send('GET', 'a')).toBe('new');
    expect(client.send('DBSIZE')).toBe(3);
    client.send('CLIENT', 'UNPAUSE');
    expect(client.send('GET', 'b')).toBe(null);
    expect(client.send('DBSIZE')).toBe(2);
  });

  it('PAUSE ends by itself, and holds back an EXEC that writes', async () => {
    let nowMs = 1_000_000;
    const { connect, instance } = makeTestInstance({}, { clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } });
    const [one, other] = [connect(), connect()];
    one.send('CLIENT', 'PAUSE', '100', 'WRITE');
    other.send('MULTI');
    expect(other.send('SET', 'k', 'v')).toBe(undefined);
    nowMs += 50;
    instance.tick();
    expect(await other.settled()).toEqual([]);
    nowMs += 50;
    instance.tick();
    expect(await other.settled()).toEqual(['QUEUED']);
    expect(other.send('EXEC')).toEqual(['OK']);
    expect(errorOf(one.send('CLIENT', 'PAUSE', 'x'))).toBe('ERR timeout is not an integer or out of range');
    expect(errorOf(one.send('CLIENT', 'PAUSE', '-1'))).toBe('ERR timeout is negative');
    expect(errorOf(one.send('CLIENT', 'PAUSE', '1', 'x'))).toBe('ERR CLIENT PAUSE mode must be WRITE or ALL');
  });

  it('has switches that are only kept', () => {
    const client = makeTestClient();
    expect(client.send('CLIENT', 'NO-EVICT', 'on')).toBe('OK');
    expect(client.send('CLIENT', 'NO-TOUCH', 'on')).toBe('OK');
    expect(client.send('CLIENT', 'INFO')).toContain(' flags=eT ');
    expect(errorOf(client.send('CLIENT', 'NO-TOUCH', 'x'))).toBe('ERR syntax error');
    expect(client.send('CLIENT', 'UNBLOCK', '1')).toBe(0);
    expect(errorOf(client.send('CLIENT', 'UNBLOCK', '1', 'x'))).toBe(
      'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR',
    );
  });
});

describe('HELLO, AUTH and RESET', () => {
  it('HELLO switches the protocol and tells about the server', () => {
    const client = makeTestClient();
    const told = client.send('HELLO', '3', 'SETNAME', 'me') as Map<string, unknown>;
    expect([...told.keys()]).toEqual(['server', 'version', 'proto', 'id', 'mode', 'role', 'modules']);
    expect(told.get('proto')).toBe(3);
    expect(client.send('CLIENT', 'GETNAME')).toBe('me');
    expect(errorOf(client.send('HELLO', '4'))).toBe('NOPROTO unsupported protocol version');
    expect(errorOf(client.send('HELLO', 'x'))).toBe('ERR Protocol version is not an integer or out of range');
    expect(errorOf(client.send('HELLO', '3', 'x'))).toBe("ERR Syntax error in HELLO option 'x'");
    expect(client.send('HELLO', '2')).toBeInstanceOf(Array);
  });

  it('nothing works without the password, but for what gives it', () => {
    const { connect, instance } = makeTestInstance();
    expect(errorOf(connect().send('AUTH', 'x'))).toContain('called without any password configured');
    const before = connect();
    instance.authentication.setPassword(Buffer.from('secret'));
    expect(before.send('PING')).toBe('PONG');
    const client = connect();
    expect(errorOf(client.send('PING'))).toBe('NOAUTH Authentication required.');
    expect(errorOf(client.send('HELLO', '3'))).toMatch(/^NOAUTH HELLO must be called/);
    expect(errorOf(client.send('AUTH', 'wrong'))).toBe('WRONGPASS invalid username-password pair or user is disabled.');
    expect(errorOf(client.send('AUTH', 'nobody', 'secret'))).toMatch(/^WRONGPASS/);
    expect(errorOf(client.send('AUTH', 'a', 'b', 'c'))).toBe('ERR syntax error');
    expect(client.send('AUTH', 'default', 'secret')).toBe('OK');
    expect(client.send('PING')).toBe('PONG');
    expect(client.send('RESET')).toBe('RESET');
    expect(errorOf(client.send('PING'))).toBe('NOAUTH Authentication required.');
    expect(client.send('HELLO', '2', 'AUTH', 'default', 'secret')).toBeInstanceOf(Array);
    expect(client.send('PING')).toBe('PONG');
  });

  it('RESET puts everything back', () => {
    const client = makeTestClient();
    client.send('HELLO', '3');
    client.send('SELECT', '3');
    client.send('CLIENT', 'SETNAME', 'x');
    client.send('SUBSCRIBE', 'c');
    client.send('CLIENT', 'TRACKING', 'ON');
    client.send('WATCH', 'k');
    client.send('MULTI');
    expect(client.send('RESET')).toBe('RESET');
    expect(client.send('CLIENT', 'INFO')).toMatch(/ name= .* flags=N db=0 sub=0 .* multi=-1 .* resp=2 /);
    expect(errorOf(client.send('EXEC'))).toBe('ERR EXEC without MULTI');
  });

  it('QUIT answers and ends the connection', () => {
    const client = makeTestClient();
    expect(client.send('QUIT')).toBe('OK');
    expect(client.client.closesAfterReply).toBe(true);
  });
});

describe('MONITOR', () => {
  it('shows the commands of all clients, but no secrets', () => {
    const { connect, instance } = makeTestInstance();
    const [monitor, client] = [connect(), connect()];
    expect(monitor.send('MONITOR')).toBe('OK');
    client.send('SET', 'k\n"\\', Buffer.from([0, 200]));
    client.send('CLIENT', 'LIST');
    client.send('AUTH', 'secret');
    client.send('HELLO', '2', 'AUTH', 'default', 'secret', 'SETNAME', 'x');
    const shown = monitor.received().map((line) => String(line).replace(/^\d+\.\d{6} /, ''));
    expect(shown).toEqual([
      '[0 127.0.0.1:50000] "SET" "k\\n\\"\\\\" "\\x00\\xc8"',
      '[0 127.0.0.1:50000] "AUTH" "(redacted)"',
      '[0 127.0.0.1:50000] "HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "x"',
    ]);
    expect(errorOf(monitor.send('GET', 'k'))).toBe("ERR Replica can't interact with the keyspace");
    monitor.send('RESET');
    expect(monitor.received()).toEqual([]);
    client.send('SET', 'k', 'v');
    expect(monitor.received()).toEqual([]);
    expect(instance.gates).toBe(0);
  });

  it('shows a transaction as it runs', () => {
    const { connect } = makeTestInstance();
    const [monitor, client] = [connect(), connect()];
    monitor.send('MONITOR');
    client.send('MULTI');
    client.send('SET', 'k', 'v');
    client.send('EXEC');
    expect(monitor.received().map((line) => String(line).split('] ')[1])).toEqual([
      '"MULTI"',
      '"SET" "k" "v"',
      '"EXEC"',
    ]);
  });
});
