/**
 * Commands of features as functions with types: for programs that reach a server over a connection, by whatever client.
 *
 * The types are what packages merge into `FeatureCommands`; nothing here knows them when it runs, and the reply is as the
 * client gives it. Called by programs.
 */
import type { FeatureCommands } from './extension-points.ts';

/** What a command takes: texts as they are, numbers as JavaScript writes them. */
export type CommandArgument = string | number;

/** Calls a command by its name, with the arguments and the reply that its feature has declared. */
export type TypedCall = <Name extends keyof FeatureCommands & string>(
  name: Name,
  ...args: Extract<Parameters<FeatureCommands[Name]>, readonly CommandArgument[]>
) => Promise<ReturnType<FeatureCommands[Name]>>;

/**
 * Makes a client's way to send a command into a function that knows features' commands by their types:
 *
 *     const call = typedCalls((words) => client.sendCommand([...words]));
 *     const visits = await call('visits.add', 'home');
 *
 * `send` gets the name and the arguments as texts, and rejects for an error reply. The program must import the feature's
 * package, if only by `import type {} from`, to know its commands.
 */
export function typedCalls(send: (words: readonly string[]) => Promise<unknown>): TypedCall {
  return (name, ...args) => send([name, ...args.map(String)]) as Promise<never>;
}
