/** A game's leaderboard: scores in order, ranks, neighbours of a player, and the best of several weeks. */
import { open } from '@ferrite/lite';

const db = open('./leaderboard');

/** A player's best result of the week counts. */
function finish(week: string, player: string, points: number): void {
  db.zadd(`week:${week}`, { [player]: points }, { gt: true });
  db.hincrby(`player:${player}`, 'games');
}

/** The player with those just before and after. */
function around(week: string, player: string): string[] {
  const rank = db.zrevrank(`week:${week}`, player);
  if (rank === undefined) return [];
  const start = Math.max(0, rank - 1);
  const shown = db.zrangeWithScores(`week:${week}`, { start, stop: rank + 1, reverse: true });
  return shown.map(([name, points], i) => `${start + i + 1}. ${name} ${points}`);
}

finish('47', 'ann', 120);
finish('47', 'bob', 90);
finish('48', 'ann', 70);
finish('48', 'bob', 150);
finish('48', 'bob', 80);
finish('48', 'cat', 110);
finish('48', 'dan', 60);

const top = db.zrangeWithScores('week:48', { start: 0, stop: 2, reverse: true });
console.log('top of week 48:', top.map(([player, points]) => `${player} ${points}`).join(', '));
console.log('around cat:', around('48', 'cat').join(' | '));
console.log('100 points or more:', db.zcount('week:48', { by: 'score', gte: 100 }));

db.zunionstore('season', ['week:47', 'week:48'], { aggregate: 'sum' });
console.log('season:', db.zrange('season', { reverse: true }).join(', '));
console.log('games of bob:', db.hget('player:bob', 'games'));

// The last one leaves the league.
console.log('out:', db.zpopmin('season')?.join(' '));
db.close();
