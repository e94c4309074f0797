/** The log of a server: lines for its operator, each with one of redis's levels. */

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';

export type Log = (level: LogLevel, text: string) => void;
