/**
 * The tools' entry: what a program beside a store or a server needs to look at it, such as the command line. Neither the
 * embedded door nor the server loads any of it.
 */
export { checkStore } from './embedded/check-store.ts';
export type { CheckedFile, ProblemKind, StoreFindings, StoreProblem } from './engine/store-check.ts';
export { InlineSplitter } from './protocol/inline-splitter.ts';
export { type Reply, ReplyError, ReplyParser, type ReplyValue } from './protocol/reply-parser.ts';
