import { expect, expectTypeOf, it } from 'vitest';
import { SocketClient } from '../../test/socket-client.ts';
import { open } from '../embedded/database.ts';
import { ReplyError } from '../protocol/reply-parser.ts';
import { serve } from '../server.ts';
import { defineFeature } from './feature.ts';
import { typedCalls } from './typed-calls.ts';

declare module './extension-points.ts' {
  interface FeatureCommands {
    'adder.add': (a: number, b: number) => number;
    'adder.name': () => string;
  }
}

const adder = defineFeature({
  name: 'adder',
  version: '1.0.0',
  setup: (context) => {
    const doc = { summary: 'Adds.', since: '1.0.0' };
    context.command({
      name: 'adder.add',
      arity: 3,
      flags: [],
      doc,
      run: (call) => {
        const sum = Number(call.text(1)) + Number(call.text(2));
        if (Number.isNaN(sum)) call.reply.error('no number');
        else call.reply.integer(sum);
      },
    });
    context.command({ name: 'adder.name', arity: 1, flags: [], doc, run: (call) => call.reply.bulkText('adder') });
  },
});

it("commands of features are called with their types, through any client's connection", async () => {
  const db = open({ features: [adder()] });
  const served = await serve(db, { port: 0 });
  const client = await SocketClient.connect(served.port);
  const call = typedCalls(async (words) => {
    const reply = await client.call(...words);
    if (reply instanceof ReplyError) throw reply;
    return reply;
  });
  const sum = await call('adder.add', 2, 40);
  expectTypeOf(sum).toEqualTypeOf<number>();
  expect(sum).toBe(42);
  const name = await call('adder.name');
  expectTypeOf(name).toEqualTypeOf<string>();
  expect(name).toBe('adder');
  await expect(call('adder.add', 2, Number.NaN)).rejects.toThrow('no number');
  client.destroy();
  await served.close();
  db.close();
});

it('a name, an argument or a count of them that no feature has declared is an error of types', () => {
  const sent: string[][] = [];
  const call = typedCalls(async (words) => sent.push([...words]));
  // @ts-expect-error: no feature has this command.
  void call('adder.subtract', 1, 2);
  // @ts-expect-error: numbers are asked for.
  void call('adder.add', 'one', 2);
  // @ts-expect-error: there are two.
  void call('adder.add', 1);
  expect(sent.map((words) => words.length)).toEqual([3, 3, 2]);
});
