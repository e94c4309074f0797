/** Commands on positions; what redis answers was taken from it. */
import { describe, expect, it } from 'vitest';
import { errorOf, makeTestClient, type TestClient } from '../../test/test-client.ts';

function sicily(): TestClient {
  const client = makeTestClient();
  client.send('GEOADD', 'Sicily', '13.361389', '38.115556', 'Palermo', '15.087269', '37.502669', 'Catania');
  return client;
}

describe('positions', () => {
  it('are kept as scores, and given back', () => {
    const client = sicily();
    expect(client.send('ZSCORE', 'Sicily', 'Palermo')).toBe('3479099956230698');
    expect(client.send('GEOPOS', 'Sicily', 'Palermo', 'Nowhere')).toEqual([
      ['13.36138933897018433', '38.11555639549629859'],
      null,
    ]);
    expect(client.send('GEOHASH', 'Sicily', 'Palermo', 'Catania')).toEqual(['sqc8b49rny0', 'sqdtr74hyu0']);
    expect(client.send('GEODIST', 'Sicily', 'Palermo', 'Catania')).toBe('166274.1516');
    expect(client.send('GEODIST', 'Sicily', 'Palermo', 'Catania', 'mi')).toBe('103.3182');
    expect(client.send('GEODIST', 'Sicily', 'Palermo', 'Nowhere')).toBeNull();
    expect(client.send('GEOADD', 'Sicily', 'XX', 'CH', '13.5', '38.1', 'Palermo', '1', '2', 'New')).toBe(1);
    expect(client.send('ZCARD', 'Sicily')).toBe(2);
  });

  it('are numbers in RESP3', () => {
    const client = sicily();
    client.send('HELLO', '3');
    expect(client.send('GEOPOS', 'Sicily', 'Palermo')).toEqual([[13.361389338970184, 38.1155563954963]]);
  });

  it('are searched in circles and boxes', () => {
    const client = sicily();
    const from = ['Sicily', 'FROMLONLAT', '15', '37'] as const;
    expect(client.send('GEOSEARCH', ...from, 'BYRADIUS', '200', 'km', 'ASC', 'WITHDIST')).toEqual([
      ['Catania', '56.4413'],
      ['Palermo', '190.4424'],
    ]);
    expect(client.send('GEOSEARCH', ...from, 'BYBOX', '400', '400', 'km', 'DESC', 'COUNT', '1')).toEqual(['Palermo']);
    expect(client.send('GEORADIUS', 'Sicily', '15', '37', '100', 'km', 'WITHHASH', 'WITHCOORD')).toEqual([
      ['Catania', 3479447370796909, ['15.08726745843887329', '37.50266842333162032']],
    ]);
    expect(client.send('GEORADIUSBYMEMBER', 'Sicily', 'Palermo', '100', 'km')).toEqual(['Palermo']);
    expect(client.send('GEOSEARCH', 'none', 'FROMMEMBER', 'x', 'BYRADIUS', '1', 'm')).toEqual([]);
  });

  it('are stored with what was found, or the distances', () => {
    const client = sicily();
    const search = ['Sicily', 'FROMMEMBER', 'Catania', 'BYRADIUS', '200', 'km'] as const;
    expect(client.send('GEOSEARCHSTORE', 'near', ...search)).toBe(2);
    expect(client.send('ZSCORE', 'near', 'Palermo')).toBe('3479099956230698');
    expect(client.send('GEORADIUS', 'Sicily', '15', '37', '100', 'km', 'STOREDIST', 'near')).toBe(1);
    expect(client.send('ZRANGE', 'near', '0', '-1', 'WITHSCORES')).toEqual(['Catania', '56.4412578701582']);
    expect(client.send('COMMAND', 'GETKEYS', 'GEORADIUS', 'a', '1', '2', '3', 'm', 'STORE', 'b')).toEqual(['a', 'b']);
    expect(client.send('GEOSEARCHSTORE', 'near', 'none', 'FROMLONLAT', '1', '1', 'BYRADIUS', '1', 'm')).toBe(0);
    expect(client.send('EXISTS', 'near')).toBe(0);
  });

  it.each([
    [['GEOADD', 'g', '200', '10', 'x'], 'ERR invalid longitude,latitude pair 200.000000,10.000000'],
    [['GEOADD', 'g', 'NX', 'XX', '1', '1', 'x'], 'ERR syntax error'],
    [['GEOADD', 'g', '1', '1', 'x', '2'], 'ERR syntax error'],
    [['GEODIST', 'Sicily', 'Palermo', 'Catania', 'yd'], 'ERR unsupported unit provided. please use M, KM, FT, MI'],
    [['GEOSEARCH', 'Sicily', 'FROMMEMBER', 'x', 'BYRADIUS', '1', 'm'], 'ERR could not decode requested zset member'],
    [['GEORADIUS', 'Sicily', '1', '1', '1', 'm', 'ANY'], 'ERR the ANY argument requires COUNT argument'],
    [['GEORADIUS', 'Sicily', '1', '1', 'x', 'm'], 'ERR need numeric radius'],
    [
      ['GEOSEARCH', 'Sicily', 'FROMMEMBER', 'Palermo', 'ASC', 'WITHDIST', 'WITHHASH'],
      'ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCH',
    ],
    [
      ['GEOSEARCHSTORE', 'd', 'Sicily', 'FROMMEMBER', 'Palermo', 'BYRADIUS', '1', 'm', 'WITHDIST'],
      'ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
    ],
  ])('%s is refused as redis does it', (command, error) => {
    expect(errorOf(sicily().send(...(command as [string])))).toBe(error);
  });
});
