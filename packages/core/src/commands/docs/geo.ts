/** What COMMAND DOCS says of the commands of the group geo. */
import type { CommandDocs } from '../command-docs.ts';

const SEARCH = 'O(N + log M) with N members in the cells around the shape, of M';
const UNIT = 'unit(m(M)|km(KM)|ft(FT)|mi(MI))';
const ORDER = '[order(asc(ASC)|desc(DESC))]';
const COUNT = '[count-block{COUNT=count:i [any(ANY)]}]';
const SHOWN = '[withcoord(WITHCOORD)] [withdist(WITHDIST)] [withhash(WITHHASH)]';
const FROM = 'from(FROMMEMBER=member|fromlonlat{FROMLONLAT=longitude:d latitude:d})';
const BY = `by(circle{BYRADIUS=radius:d ${UNIT}}|box{BYBOX=width:d height:d ${UNIT}})`;
const STORE = '[store(STORE=storekey:k1|STOREDIST=storedistkey:k2)]';

export const geoDocs: CommandDocs = {
  geoadd: {
    summary: 'Keeps positions of members in a sorted set.',
    since: '3.2.0',
    complexity: 'O(log N) for each member',
    syntax: 'key:k0 [condition(nx(NX)|xx(XX))@6.2.0] [change(CH)@6.2.0] data{longitude:d latitude:d member}+',
    history: [['6.2.0', 'Has the options CH, NX and XX.']],
  },
  geopos: {
    summary: 'Answers with the positions of members.',
    since: '3.2.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 [member+]',
  },
  geodist: {
    summary: 'Answers with the distance between two members.',
    since: '3.2.0',
    complexity: 'O(1)',
    syntax: `key:k0 member1 member2 [${UNIT}]`,
  },
  geohash: {
    summary: 'Answers with the positions of members as geohashes.',
    since: '3.2.0',
    complexity: 'O(1) for each member',
    syntax: 'key:k0 [member+]',
  },
  geosearch: {
    summary: 'Answers with the members in a circle or a box.',
    since: '6.2.0',
    complexity: SEARCH,
    syntax: `key:k0 ${FROM} ${BY} ${ORDER} ${COUNT} ${SHOWN}`,
  },
  geosearchstore: {
    summary: 'Stores the members in a circle or a box as a sorted set.',
    since: '6.2.0',
    complexity: SEARCH,
    syntax: `destination:k0 source:k1 ${FROM} ${BY} ${ORDER} ${COUNT} [storedist(STOREDIST)]`,
  },
  georadius: {
    summary: 'Answers with the members within a distance of a position, or stores them.',
    since: '3.2.0',
    complexity: SEARCH,
    syntax: `key:k0 longitude:d latitude:d radius:d ${UNIT} ${SHOWN} ${COUNT} ${ORDER} ${STORE}`,
    history: [['6.2.0', 'Has the option ANY.']],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument' },
  },
  georadius_ro: {
    summary: 'Answers with the members within a distance of a position.',
    since: '3.2.10',
    complexity: SEARCH,
    syntax: `key:k0 longitude:d latitude:d radius:d ${UNIT} ${SHOWN} ${COUNT} ${ORDER}`,
    history: [['6.2.0', 'Has the option ANY.']],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
  },
  georadiusbymember: {
    summary: 'Answers with the members within a distance of one of them, or stores them.',
    since: '3.2.0',
    complexity: SEARCH,
    syntax: `key:k0 member radius:d ${UNIT} ${SHOWN} ${COUNT} ${ORDER} ${STORE}`,
    history: [['6.2.0', 'Has the option ANY.']],
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    },
  },
  georadiusbymember_ro: {
    summary: 'Answers with the members within a distance of one of them.',
    since: '3.2.10',
    complexity: SEARCH,
    syntax: `key:k0 member radius:d ${UNIT} ${SHOWN} ${COUNT} ${ORDER}`,
    history: [['6.2.0', 'Has the option ANY.']],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments' },
  },
};
