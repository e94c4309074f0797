/**
 * A chat on streams: a room keeps its messages, members read on from where they were, and a group of bots shares the work
 * on them, where one takes over what another one left undone.
 */
import { open } from '@ferrite/lite';

const MESSAGES_MAX = 10_000;

const db = open('./chat');

function say(room: string, user: string, text: string): string {
  return db.xadd(`room:${room}`, { user, text }, { maxLength: MESSAGES_MAX });
}

/** What came since the user last looked; remembered in a hash. */
function catchUp(room: string, user: string): string[] {
  const seen = db.hget(`seen:${user}`, room) ?? '0';
  const entries = db.xread({ [`room:${room}`]: seen }).get(`room:${room}`) ?? [];
  const last = entries.at(-1);
  if (last !== undefined) db.hset(`seen:${user}`, { [room]: last.id });
  return entries.map(({ fields }) => `${fields.get('user')}: ${fields.get('text')}`);
}

say('tea', 'ann', 'who is there?');
say('tea', 'bob', 'me');
console.log('cat reads', catchUp('tea', 'cat'));
say('tea', 'ann', 'tea is ready');
console.log('cat reads', catchUp('tea', 'cat'));

// Somebody who is here is told at once.
const next = db.bxread({ 'room:tea': '$' }, { timeoutMs: 1000 });
say('tea', 'cat', 'coming');
const [entry] = (await next).get('room:tea') ?? [];
console.log('live:', entry?.fields.get('text'));

// Bots translate messages: each message is given to one of them.
db.xgroupCreate('room:tea', 'translators', '0');
const take = (bot: string, count: number): string[] =>
  (db.xreadgroup('translators', bot, { 'room:tea': '>' }, { count }).get('room:tea') ?? []).map(({ id }) => id);
const [first, second] = take('bot-1', 2);
const others = take('bot-2', 10);
db.xack('room:tea', 'translators', first, ...others);
console.log('left undone:', db.xpending('room:tea', 'translators').consumers);

// bot-1 has crashed: bot-2 takes over what it had, and did not acknowledge.
const { entries } = db.xautoclaim('room:tea', 'translators', 'bot-2', 0);
console.log('taken over:', entries.map(({ fields }) => fields.get('text')).join(', '));
db.xack('room:tea', 'translators', second);
console.log('left undone:', db.xpending('room:tea', 'translators').count);
db.close();
