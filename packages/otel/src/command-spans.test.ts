import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { beforeEach, describe, expect, it } from 'vitest';
import { HandClock, msOf, Traced } from '../test/traced.ts';
import { CommandSpans } from './command-spans.ts';
import { spanMaker } from './span-maker.ts';

let traced: Traced;
let clock: HandClock;

beforeEach(() => {
  traced = new Traced();
  clock = new HandClock();
});

function spansOf(choice: 'batches' | 'commands', from = traced): CommandSpans {
  return new CommandSpans(spanMaker(from.provider.getTracer('test'), 'cache', clock), choice === 'commands');
}

/** Runs commands such as `GET`, `GET 2` (which takes 2 ms), `GET!WRONGTYPE` `GET!QUEUED` (not run) or, within EXEC, `>GET`, in one go. */
function run(spans: CommandSpans, ...commands: string[]): void {
  spans.begin();
  for (const command of commands) {
    const [, inner, name, error = '', ms = '1'] = /^(>?)([A-Z ]+?)(?:!(\w+))?(?: ([\d.]+))?$/.exec(command) ?? [];
    clock.ms += Number(ms);
    if (error !== 'QUEUED') spans.ran(name, 0, error, inner === '>');
  }
  spans.end(commands.filter((command) => !command.startsWith('>')).length);
}

describe('a span for each batch', () => {
  it('names a command that came alone, and a pipeline by what it is of', () => {
    const spans = spansOf('batches');
    run(spans, 'GET');
    run(spans, 'GET', 'GET', 'GET');
    run(spans, 'GET', 'SET', 'GET 0.5');
    run(spans);
    expect(traced.takeTree()).toEqual([
      'GET SERVER 1 ms',
      'PIPELINE GET of 3 SERVER 3 ms',
      'PIPELINE of 3 SERVER 2.5 ms',
    ]);
  });

  it('has the attributes of the conventions when it begins, so that a sampler sees them', () => {
    const seen: unknown[] = [];
    const sampler = {
      shouldSample: (...args: unknown[]) => {
        seen.push(args[2], args[4]);
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      },
      toString: () => 'looking',
    };
    const spans = spansOf('batches', new Traced(sampler));
    spans.place = { 'server.address': '127.0.0.1', 'server.port': 6379 };
    run(spans, 'SET', 'SET!OOM');
    expect(seen).toEqual([
      'PIPELINE SET',
      {
        'db.system.name': 'ferrite',
        'db.operation.name': 'PIPELINE SET',
        'db.operation.batch.size': 2,
        'db.namespace': '0',
        'db.response.status_code': 'OOM',
        'error.type': 'OOM',
        'ferrite.store': 'cache',
        'server.address': '127.0.0.1',
        'server.port': 6379,
      },
    ]);
  });

  it('fails as its first command that failed, without a text', () => {
    run(spansOf('batches'), 'GET', 'INCR!ERR', 'GET!WRONGTYPE');
    const [span] = traced.take();
    expect(span.status).toEqual({ code: 2 });
    expect(span.attributes['db.response.status_code']).toBe('ERR');
  });

  it('leaves the database out where a pipeline used several', () => {
    const spans = spansOf('batches');
    spans.begin();
    spans.ran('SELECT', 0, '', false);
    spans.ran('GET', 3, '', false);
    spans.end(2);
    expect(traced.takeAttributes()[0]).not.toHaveProperty('db.namespace');
  });

  it('has what EXEC ran below it', () => {
    const spans = spansOf('batches');
    run(spans, 'MULTI', 'SET!QUEUED', 'SET!QUEUED', '>SET', '>SET', 'EXEC');
    run(spans, '>INCR', '>GET!WRONGTYPE', 'EXEC');
    expect(traced.takeTree()).toEqual([
      'PIPELINE of 4 SERVER 6 ms',
      '  MULTI SET of 2 INTERNAL 2 ms',
      'EXEC SERVER 3 ms',
      '  MULTI of 2 INTERNAL 2 ms failed WRONGTYPE',
    ]);
  });

  it('counts what was refused or queued, and is not made where nothing ran', () => {
    const spans = spansOf('batches');
    run(spans, 'GET', 'GET!QUEUED');
    run(spans, 'GET!QUEUED');
    expect(traced.takeTree()).toEqual(['PIPELINE of 2 SERVER 2 ms']);
  });

  it('is below no other span: what was active when the server began to listen is over', () => {
    run(spansOf('batches'), 'GET');
    expect(traced.take()[0].parentSpanContext).toBeUndefined();
  });
});

describe('a span for each command', () => {
  it('is below that of its pipeline and of EXEC, one after the other', () => {
    const spans = spansOf('commands');
    run(spans, 'GET 2');
    run(spans, 'GET', 'MULTI', '>SET 3', '>SET', 'EXEC', 'GET!WRONGTYPE');
    const began = traced.take();
    expect(began.map(({ name, startTime }) => `${name} ${msOf(startTime) - msOf(began[0].startTime)}`).sort()).toEqual([
      'EXEC 8',
      'GET 0',
      'GET 2',
      'GET 9',
      'MULTI 3',
      'MULTI SET 4',
      'PIPELINE 2',
      'SET 4',
      'SET 7',
    ]);
    run(spans, 'GET', 'MULTI', '>SET 3', '>SET', 'EXEC', 'GET!WRONGTYPE');
    expect(traced.takeTree()).toEqual([
      'PIPELINE of 4 SERVER 8 ms failed WRONGTYPE',
      '  GET INTERNAL 1 ms',
      '  MULTI INTERNAL 1 ms',
      '  MULTI SET of 2 INTERNAL 5 ms',
      '    SET INTERNAL 3 ms',
      '    SET INTERNAL 1 ms',
      '  EXEC INTERNAL 1 ms',
      '  GET INTERNAL 1 ms failed WRONGTYPE',
    ]);
  });

  it('is made for the first 128 of a batch', () => {
    run(spansOf('commands'), ...Array.from({ length: 1000 }, () => 'GET'));
    const spans = traced.take();
    expect(spans).toHaveLength(129);
    expect(spans.filter(({ name }) => name === 'PIPELINE GET')[0].attributes['db.operation.batch.size']).toBe(1000);
  });

  it('is not made where the sampler dropped the batch', () => {
    let asked = 0;
    const sampler = {
      shouldSample: () => {
        asked++;
        return { decision: SamplingDecision.NOT_RECORD };
      },
      toString: () => 'none',
    };
    const dropping = new Traced(sampler);
    run(spansOf('commands', dropping), 'GET', 'GET', 'GET');
    expect(dropping.take()).toEqual([]);
    expect(asked).toBe(1);
  });
});

describe('with a threshold', () => {
  it('a batch that was quicker gets no span', () => {
    const spans = spansOf('batches');
    spans.slowMs = 5;
    run(spans, 'GET 4.9');
    run(spans, 'GET 5');
    run(spans, 'GET 3', 'SET 3');
    expect(traced.takeTree()).toEqual(['GET SERVER 5 ms', 'PIPELINE of 2 SERVER 6 ms']);
  });

  it('of a slow batch, only slow commands do', () => {
    const spans = spansOf('commands');
    spans.slowMs = 5;
    run(spans, 'GET', 'KEYS 7', 'GET');
    run(spans, 'GET', 'GET');
    expect(traced.takeTree()).toEqual(['PIPELINE of 3 SERVER 9 ms', '  KEYS INTERNAL 7 ms']);
  });
});

it('times are those of the wall clock, to the microsecond once a few spans were made, also after somebody has set it', () => {
  const spans = spansOf('batches');
  clock.ms = 5000;
  run(spans, 'GET');
  clock.ms = 5001.75;
  run(spans, 'GET 0.5');
  const [one, other] = traced.take();
  expect(msOf(one.startTime)).toBeCloseTo(1_700_000_005_000, 3);
  expect(msOf(other.startTime)).toBeCloseTo(1_700_000_005_001.75, 3);
  expect(msOf(other.duration)).toBeCloseTo(0.5, 3);
  let setBackMs = 0;
  const wall = { nowMs: () => clock.nowMs() - setBackMs, monotonicMs: () => clock.ms };
  const again = new CommandSpans(spanMaker(traced.provider.getTracer('test'), 'cache', wall), false);
  run(again, 'GET');
  setBackMs = 60_000;
  run(again, 'GET');
  const [afterwards, before] = traced.take();
  expect(msOf(before.startTime) - msOf(afterwards.startTime)).toBeCloseTo(59_999, 0);
});
