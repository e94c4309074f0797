/**
 * Puts the members of a sorted set that has no order yet in order, in slices, while the set goes on changing.
 *
 * It walks through the members (`MemberWalk`): so it meets each one that stays, and members that come, go or change
 * meanwhile are told to the order anyway. What it meets and the order has already, it passes over.
 */

import type { LargeValue } from './large-values.ts';
import { MemberWalk } from './member-walk.ts';
import { memberEndOf, membersOf, takeMember } from './members.ts';
import type { OrderBuild, ScoreOrder } from './score-order.ts';
import { runInSlices } from './slices.ts';
import type { Store } from './store.ts';

export class ScoreBuild implements OrderBuild {
  private readonly store: Store;
  private readonly object: LargeValue;
  private readonly order: ScoreOrder;
  private readonly walk: MemberWalk;
  private readonly visit: () => void;
  private running: Promise<void> | null = null;

  constructor(store: Store, object: LargeValue, order: ScoreOrder) {
    this.store = store;
    this.object = object;
    this.order = order;
    this.walk = new MemberWalk(store, object);
    this.visit = () => this.add();
  }

  step(): boolean {
    if (!this.walk.step(this.visit)) return false;
    this.order.build = null;
    return true;
  }

  run(): Promise<void> {
    const { store, object, order } = this;
    const isWanted = () => object.order === order && order.build === this && store.large.get(object.id) === object;
    this.running ??= runInSlices(store, isWanted, () => this.step()).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Adds the located member. */
  private add(): void {
    const { store, order, object } = this;
    const { member } = store;
    const score = store.view.getFloat64(memberEndOf(store), true);
    takeMember(store);
    order.seek(score, member.bytes, 0, member.length);
    if (order.isFound) return;
    order.insertHere(member.hash, membersOf(object).matchesUpToTwo(member.hash) === 2);
  }
}
