import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HandClock, Traced } from '../test/traced.ts';
import { spanAround } from './method-spans.ts';
import { spanMaker } from './span-maker.ts';

let traced: Traced;
let clock: HandClock;

beforeEach(() => {
  traced = new Traced();
  clock = new HandClock();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => context.disable());

function around<T>(method: string, size: number, run: () => T, slowMs = 0): T {
  const maker = spanMaker(traced.provider.getTracer('test'), 'readings', clock);
  return spanAround(maker, slowMs, method, size, run);
}

function takes<T>(ms: number, result: T): () => T {
  return () => {
    clock.ms += ms;
    return result;
  };
}

/** Runs `work` within a span of the program. */
function inSpan<T>(name: string, work: () => T): T {
  const span = traced.provider.getTracer('program').startSpan(name, { startTime: clock.nowMs() }, ROOT_CONTEXT);
  const result = context.with(trace.setSpan(ROOT_CONTEXT, span), work);
  span.end(clock.nowMs());
  return result;
}

it("a call is below the caller's span, and so is a batch, with its size", () => {
  inSpan('request', () => {
    expect(around('get', 1, takes(1, 'value'))).toBe('value');
    around('batch', 100, takes(2, undefined));
  });
  expect(traced.takeTree()).toEqual(['request INTERNAL 3 ms', '  get INTERNAL 1 ms', '  BATCH of 100 INTERNAL 2 ms']);
});

it('what was thrown is passed on, and the span fails with its code', () => {
  const full = Object.assign(new Error('no room'), { code: 'FERRITE_DISK_FULL' });
  const fail = (error: unknown) => () => {
    throw error;
  };
  expect(() => around('set', 1, fail(full))).toThrow(full);
  expect(() => around('set', 1, fail(new TypeError('odd')))).toThrow(TypeError);
  expect(() => around('set', 1, fail('odd'))).toThrow('odd');
  expect(traced.takeTree().map((line) => line.replace(/^set INTERNAL 0 ms /, ''))).toEqual([
    'failed FERRITE_DISK_FULL',
    'failed TypeError',
    'failed _OTHER',
  ]);
});

it('a call that waits lasts until it is done, and is still below its caller', async () => {
  let done: (value: boolean) => void = () => {};
  const waiting = inSpan('request', () =>
    around('setAsync', 1, () => new Promise<boolean>((resolve) => (done = resolve))),
  );
  clock.ms += 20;
  expect(traced.takeTree()).toEqual(['request INTERNAL 0 ms']);
  done(true);
  expect(await waiting).toBe(true);
  const [span] = traced.take();
  expect([span.name, span.duration[1]]).toEqual(['setAsync', 20_000_000]);
  expect(span.parentSpanContext).toBeDefined();
});

it('a call that waits in vain is told to who called it, and to nobody else', async () => {
  await expect(around('setAsync', 1, () => Promise.reject(new RangeError('late')))).rejects.toThrow('late');
  expect(traced.takeTree()).toEqual(['setAsync INTERNAL 0 ms failed RangeError']);
});

it('with a threshold, what was quicker gets no span', () => {
  around('get', 1, takes(4, undefined), 5);
  around('batch', 2, takes(6, undefined), 5);
  expect(traced.takeTree()).toEqual(['BATCH of 2 INTERNAL 6 ms']);
});
