/** A store on a simulated disk whose power may be cut, with a client: for tests of what the feed of changes says. */
import { SimClock, SimDevice } from '@ferrite/testing';
import { Instance } from '../src/instance/instance.ts';
import { type Driven, type OpenOptions, openDriven, Prng } from '../src/module.ts';
import { TestClient } from './test-client.ts';

const PAGE_BYTES = 128 * 1024;
const OPTIONS: OpenOptions = {
  pageSize: PAGE_BYTES,
  mutableRegionSize: '256kb',
  readOnlyRegionSize: '512kb',
  durability: 'interval',
};
const SIZES = { segmentMinBytes: PAGE_BYTES, segmentMaxBytes: PAGE_BYTES };

export type Database = Driven<string>['db'];

export class FeedHost {
  readonly clock = new SimClock();
  readonly prng: Prng;
  device: SimDevice;
  driven!: Driven<string>;
  client!: TestClient;

  constructor(seed = 1) {
    this.prng = new Prng(seed);
    this.device = new SimDevice({ clock: this.clock, seed });
    this.open();
  }

  get db(): Database {
    return this.driven.db;
  }

  open(): void {
    this.driven = openDriven<string>(OPTIONS, { device: this.device, clock: this.clock, prng: this.prng, ...SIZES });
    this.client = new TestClient(new Instance(this.driven.store));
  }

  crash(): void {
    this.device = this.device.crash(this.prng.nextBelow(2) === 0 ? 'nothing' : 'everything', this.prng.nextUint32());
    this.open();
  }
}
