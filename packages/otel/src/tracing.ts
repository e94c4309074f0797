/**
 * Spans of one store: hooks in the way of its commands and calls, if somebody traces.
 *
 * Hooks can only be added while the store is opened. Without a provider of tracers then there are none, unless `late` asks
 * for them: those look for one at each batch until there is one.
 */
import type { CommandRow, FeatureContext, ServerView } from '@ferrite/core/module';
import type { Attributes, TracerProvider } from '@opentelemetry/api';
import { CommandSpans } from './command-spans.ts';
import { isCommit, spanAround } from './method-spans.ts';
import { ADDRESS, PORT, shownName } from './names.ts';
import type { otelConfig } from './options.ts';
import { findTracerProvider } from './providers.ts';
import { type SpanMaker, spanMaker } from './span-maker.ts';
import { OTEL_VERSION, SCOPE } from './version.ts';

/** What stands for an error whose text has no word of its own. */
const GENERAL_ERROR = 'ERR';

interface Tracing {
  /** Looks for a provider. Whether spans have somewhere to go. */
  detect(): boolean;
  /** A server begins to let clients in. */
  serve(server: ServerView): void;
}

export function startTracing(
  { config, clock, use }: FeatureContext<typeof otelConfig>,
  storeName: string,
  given?: TracerProvider,
): Tracing {
  const ofEach = config.get('spans') === 'commands';
  const names = new Map<CommandRow, string>();
  let maker: SpanMaker | null = null;
  let commands: CommandSpans | null = null;
  let server: ServerView | null = null;
  let slowMs = config.get('slowMs');
  const apply = (): void => {
    if (commands === null) return;
    commands.slowMs = slowMs;
    if (server !== null) commands.place = placeOf(server);
  };
  const hasHooks = config.get('spans') !== 'none' && (config.get('late') || (given ?? findTracerProvider()) !== null);
  const detect = (): boolean => {
    const provider = hasHooks && maker === null ? (given ?? findTracerProvider()) : null;
    if (provider !== null) {
      maker = spanMaker(provider.getTracer(SCOPE, OTEL_VERSION), storeName, clock);
      commands = new CommandSpans(maker, ofEach);
      apply();
    }
    return maker !== null;
  };
  config.onChange('slowMs', (ms) => {
    slowMs = ms;
    apply();
  });
  if (hasHooks) {
    use({
      batchBegin() {
        if (detect()) commands?.begin();
      },
      after({ row, session }, error) {
        if (commands === null) return;
        let name = names.get(row);
        if (name === undefined) {
          name = shownName(server?.nameOf(row) ?? row.name);
          names.set(row, name);
        }
        commands.ran(name, session.database, error === '' ? '' : codeOf(error), session.isInExec);
      },
      batchEnd(_, answered) {
        commands?.end(answered);
      },
      around({ name, keys }, run) {
        if ((!ofEach && !isCommit(name)) || !detect() || maker === null) return run();
        return spanAround(maker, slowMs, name, keys, run);
      },
    });
  }
  return {
    detect,
    serve(view) {
      server = view;
      apply();
    },
  };
}

function placeOf({ address, port }: ServerView): Attributes {
  if (port === 0) return { [ADDRESS]: address };
  return { [ADDRESS]: address.slice(0, address.lastIndexOf(':')).replace(/[[\]]/g, ''), [PORT]: port };
}

/** The first word of an error's text, as redis's clients know it. */
function codeOf(text: string): string {
  return text.startsWith('-') ? text.slice(1).split(' ', 1)[0] : GENERAL_ERROR;
}
