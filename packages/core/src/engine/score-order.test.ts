/** The order of a sorted set against a sorted list. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import { type MemberLoader, ScoreEntries, ScoreOrder } from './score-order.ts';

interface Member {
  text: string;
  score: number;
  hash: number;
}

/** A sorted list beside the order, and the members by hash as a table has them. */
class Model implements MemberLoader {
  readonly byText = new Map<string, Member>();
  readonly byHash = new Map<number, Member[]>();
  readonly order = new ScoreOrder(this);
  bytes: Uint8Array = Buffer.alloc(0);
  start = 0;
  length = 0;
  loads = 0;
  private readonly hashMask: number;

  constructor(hashMask: number) {
    this.hashMask = hashMask;
  }

  load(hash: number, others: readonly Uint8Array[] | undefined): void {
    const taken = (others ?? []).map((each) => Buffer.from(each).toString('latin1'));
    const [member, ...more] = (this.byHash.get(hash) ?? []).filter(({ text }) => !taken.includes(text));
    if (member === undefined || more.length > 0) throw new Error(`${more.length} more members have this hash`);
    this.bytes = Buffer.from(member.text, 'latin1');
    this.length = this.bytes.length;
    this.loads++;
  }

  private seek({ text, score }: Member): void {
    this.order.seek(score, Buffer.from(`<${text}`, 'latin1'), 1, text.length);
  }

  set(text: string, score: number): void {
    const old = this.byText.get(text);
    const hash = hashOf(text) & this.hashMask;
    const member = { text, score, hash };
    if (old !== undefined) {
      if (old.score === score) return;
      const bytes = Buffer.from(text, 'latin1');
      expect(this.order.seekMove(old.score, score, bytes, bytes.length, hash, score % 2 === 0)).toBe(true);
      if (!this.order.tryRescore(score)) this.order.moveHere(score);
      old.score = score;
      return;
    }
    this.seek(member);
    expect(this.order.isFound).toBe(false);
    this.byText.set(text, member);
    this.siblings(hash).push(member);
    this.order.insertHere(hash, this.siblings(hash).length > 1);
  }

  private siblings(hash: number): Member[] {
    const found = this.byHash.get(hash) ?? [];
    this.byHash.set(hash, found);
    return found;
  }

  remove(text: string): void {
    const old = this.byText.get(text) as Member;
    this.seek(old);
    expect(this.order.isFound).toBe(true);
    this.order.removeHere();
    this.byText.delete(text);
    const siblings = this.siblings(old.hash);
    siblings.splice(siblings.indexOf(old), 1);
  }

  sorted(): Member[] {
    return [...this.byText.values()].sort((a, b) => a.score - b.score || (a.text < b.text ? -1 : 1));
  }

  /** The members in the order's order. */
  read(rank: number, count: number, isDownward: boolean): string[] {
    const entries = new ScoreEntries(count);
    this.order.copy(rank, count, isDownward, entries);
    const texts: string[] = [];
    for (let i = 0; i < count; i++) {
      const own = entries.members[i];
      if (own === null) this.load(entries.hashes[i], this.order.othersOf(entries.hashes[i]));
      texts.push(Buffer.from(own ?? this.bytes).toString('latin1'));
    }
    return texts;
  }

  check(prng: Prng): void {
    const sorted = this.sorted();
    expect(this.order.count).toBe(sorted.length);
    const texts = sorted.map(({ text }) => text);
    expect(this.read(0, sorted.length, false)).toEqual(texts);
    if (sorted.length === 0) return;
    expect(this.read(sorted.length - 1, sorted.length, true)).toEqual([...texts].reverse());
    for (let i = 0; i < 20; i++) {
      const rank = prng.nextBelow(sorted.length);
      const { score } = sorted[rank];
      this.seek(sorted[rank]);
      expect([this.order.isFound, this.order.rank]).toEqual([true, rank]);
      const below = sorted.filter((each) => each.score < score).length;
      const notAbove = sorted.filter((each) => each.score <= score).length;
      expect([this.order.rankOfScore(score, false), this.order.rankOfScore(score, true)]).toEqual([below, notAbove]);
      expect(this.order.rankOfScore(score + 0.5, false)).toBe(notAbove);
      const from = prng.nextBelow(sorted.length);
      const count = prng.nextBelow(sorted.length - from + 1);
      expect(this.read(from, count, false)).toEqual(texts.slice(from, from + count));
    }
  }
}

function hashOf(text: string): number {
  let hash = 17;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

describe('ScoreOrder', () => {
  it.each([
    ['many scores', 1e6, -1],
    ['four scores', 4, -1],
    ['one score and hashes that collide', 1, 63],
    ['few scores and hashes that collide', 16, 255],
  ])('is that of a sorted list while members come, move and go: %s', (_, scores, hashMask) => {
    const prng = new Prng(42);
    const model = new Model(hashMask);
    const names = ['user:', 'user:1', 'us', 'u\0', 'admin', ''];
    const nameOf = () => `${names[prng.nextBelow(prng.nextBelow(50) === 0 ? 6 : 2)]}${prng.nextBelow(3000)}`;
    for (let round = 0; round < 40; round++) {
      const grows = round % 4 !== 3;
      for (let i = 0; i < 150; i++) {
        const text = nameOf();
        if (grows || prng.nextBelow(4) === 0) model.set(text, prng.nextBelow(scores) - scores / 2);
        else if (model.byText.has(text)) model.remove(text);
      }
      if (round % 8 === 7) {
        for (const { text } of model.sorted().slice(100, 700)) model.remove(text);
      }
      model.check(prng);
    }
    for (const { text } of model.sorted()) model.remove(text);
    model.check(prng);
    model.set('again', 1);
    model.check(prng);
  });

  it('finds places by members where all scores are equal', () => {
    const model = new Model(-1);
    const prng = new Prng(7);
    for (let i = 0; i < 1000; i++) model.set(`m${prng.nextBelow(5000)}`, 0);
    const texts = model.sorted().map(({ text }) => text);
    for (const bound of ['m', 'm1', 'm2500', 'n', 'a', '', 'm99999', texts[500]]) {
      const bytes = Buffer.from(bound);
      const before = texts.filter((text) => text < bound).length;
      const notAfter = texts.filter((text) => text <= bound).length;
      expect(model.order.rankOfMember(bytes, 0, bytes.length, false)).toBe(before);
      expect(model.order.rankOfMember(bytes, 0, bytes.length, true)).toBe(notAfter);
    }
  });

  it('holds twenty thousand members in order and at random, full leaves behind those that came in order', () => {
    const prng = new Prng(3);
    const ordered = new Model(-1);
    const random = new Model(-1);
    for (let i = 0; i < 20_000; i++) {
      ordered.set(`m${i}`, i);
      random.set(`m${i}`, prng.nextBelow(1e9));
    }
    ordered.check(prng);
    random.check(prng);
    expect(ordered.order.bytesHeld / 20_000).toBeLessThan(26);
    expect(random.order.bytesHeld / 20_000).toBeLessThan(28);
    for (const { text } of random.sorted().slice(1000, 19_000)) random.remove(text);
    random.check(prng);
  });

  it('asks for no member where scores or discriminators differ', () => {
    const model = new Model(-1);
    for (let i = 0; i < 5000; i++) model.set(`member:${i}`, i % 1000);
    const before = model.loads;
    for (let i = 0; i < 1000; i++) model.order.seek(i, Buffer.from('member:99999'), 0, 12);
    expect(model.loads).toBe(before);
  });
});
