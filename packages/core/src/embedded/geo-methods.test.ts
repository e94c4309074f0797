/** The methods of a database for positions. */
import { expect, it } from 'vitest';
import { codeOf } from '../../test/code-of.ts';
import { open } from './database.ts';

const PALERMO = { longitude: 13.361389, latitude: 38.115556 };
const CATANIA = { longitude: 15.087269, latitude: 37.502669 };
const ROME = { longitude: 12.496366, latitude: 41.902782 };

it('positions are kept, and tell how far they are from each other', () => {
  using db = open();
  expect(db.geoadd('sicily', { palermo: PALERMO, catania: CATANIA })).toBe(2);
  expect(
    db.geoadd(
      'sicily',
      [
        ['palermo', PALERMO],
        ['rome', ROME],
      ],
      { nx: true },
    ),
  ).toBe(1);
  expect(db.geoadd('sicily', { rome: CATANIA }, { xx: true, ch: true })).toBe(1);
  const [palermo, none] = db.geopos('sicily', 'palermo', 'x');
  expect([palermo?.longitude.toFixed(4), palermo?.latitude.toFixed(4), none]).toEqual([
    '13.3614',
    '38.1156',
    undefined,
  ]);
  expect(db.geodist('sicily', 'palermo', 'catania', 'km')?.toFixed(4)).toBe('166.2742');
  expect(db.geodist('sicily', 'palermo', 'x')).toBeUndefined();
  expect(db.geohash('sicily', 'palermo', 'x')).toEqual(['sqc8b49rny0', undefined]);
  expect(db.zrange('sicily')).toHaveLength(3);
});

it('searches find what is in a circle or a box, the nearest first, and can be stored', () => {
  using db = open();
  db.geoadd('italy', { palermo: PALERMO, catania: CATANIA, rome: ROME });
  const near = db.geosearch('italy', { longitude: 15, latitude: 37, radius: 200, unit: 'km', order: 'asc' });
  expect(near.map(({ member, distance }) => `${member} ${distance.toFixed(4)}`)).toEqual([
    'catania 56.4413',
    'palermo 190.4424',
  ]);
  expect(near[0].latitude).toBeCloseTo(CATANIA.latitude, 4);
  const box = { member: 'palermo', width: 400, height: 400, unit: 'km' } as const;
  expect(db.geosearch('italy', { ...box, order: 'desc' }).map(({ member }) => member)).toEqual(['catania', 'palermo']);
  expect(db.geosearch('italy', { ...box, count: 1 }).map(({ member }) => member)).toEqual(['palermo']);
  expect(db.geosearchstore('near', 'italy', box, { storeDistance: true })).toBe(2);
  expect([db.zscore('near', 'palermo'), db.zscore('near', 'catania')?.toFixed(4)]).toEqual([0, '166.2742']);
  expect(db.geosearchstore('near', 'italy', { ...box, width: 1, height: 1 })).toBe(1);
  expect(db.geopos('near', 'palermo')[0]?.longitude).toBeCloseTo(PALERMO.longitude, 4);
  expect(db.geosearch('none', box)).toEqual([]);
  expect([db.geosearchstore('near', 'none', box), db.has('near')]).toEqual([0, false]);
});

it('what is wrong with a position or a search is said', () => {
  using db = open();
  db.geoadd('g', { a: PALERMO });
  db.set('text', 'x');
  const circle = { member: 'a', radius: 1 };
  const wrongs: (() => unknown)[] = [
    () => db.geoadd('g', { b: { longitude: 181, latitude: 0 } }),
    () => db.geoadd('g', { b: { longitude: Number.NaN, latitude: 0 } }),
    () => db.geoadd('g', { b: [1, 2] as unknown as typeof ROME }),
    () => db.geoadd('g', { b: ROME }, { nx: true, xx: true }),
    () => db.geodist('g', 'a', 'a', 'miles' as 'mi'),
    () => db.geoadd('g', undefined as unknown as Record<string, typeof ROME>),
    () => db.geosearch('g', undefined as unknown as object),
    () => db.geosearch('g', { radius: 1 }),
    () => db.geosearch('g', { ...circle, longitude: 1, latitude: 1 }),
    () => db.geosearch('g', { longitude: 1, radius: 1 }),
    () => db.geosearch('g', { member: 'a' }),
    () => db.geosearch('g', { ...circle, width: 1, height: 1 }),
    () => db.geosearch('g', { member: 'a', radius: -1 }),
    () => db.geosearch('g', { ...circle, any: true }),
    () => db.geosearch('g', { ...circle, order: 'near' as 'asc' }),
    () => db.geosearch('g', { member: 'missing', radius: 1 }),
    () => db.geosearch('g', { ...circle, rad: 1 } as object),
  ];
  for (const wrong of wrongs) expect(codeOf(wrong), String(wrong)).toBe('FERRITE_INVALID_ARGUMENT');
  expect(codeOf(() => db.geosearch('text', circle))).toBe('FERRITE_WRONG_TYPE');
  expect(db.zcard('g')).toBe(1);
});
