/**
 * The bridge for logs: lines of the server's log as OpenTelemetry's log records.
 *
 * The API for logs is a package of its own, `@opentelemetry/api-logs`, which is not stable yet. So that nobody has to install
 * it for traces and metrics, a provider is passed in, and only what is called of it is asked for here.
 */
import type { Log } from '@ferrite/core/module';
import { type Context, context } from '@opentelemetry/api';
import { SEVERITIES, STORE } from './names.ts';

/** What is used of `LoggerProvider` of `@opentelemetry/api-logs`. */
export interface LoggerProviderLike {
  getLogger(name: string, version?: string): LoggerLike;
}

interface LoggerLike {
  emit(record: LogRecordLike): void;
}

interface LogRecordLike {
  timestamp: number;
  severityNumber: number;
  severityText: string;
  body: string;
  attributes: Record<string, string>;
  context: Context;
}

/** A log whose lines go to `logger`. */
export function bridgeTo(logger: LoggerLike, storeName: string, nowMs: () => number): Log {
  return (level, body) => {
    const [severityNumber, severityText] = SEVERITIES[level];
    logger.emit({
      timestamp: nowMs(),
      severityNumber,
      severityText,
      body,
      attributes: { [STORE]: storeName },
      context: context.active(),
    });
  };
}
