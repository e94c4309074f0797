/** `ferrite tls`: certificates for servers and devices, from an authority of one's own. Loaded when it is called. */
import type { CliCall } from '@ferrite/core/module';
import { actions } from './command/actions.ts';

/** Runs `ferrite tls VERB ...`, whose options are in the row that calls it. Resolves with the exit code. */
export async function run(call: CliCall): Promise<number> {
  const [verb, ...rest] = call.arguments;
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
  if (action === undefined) throw call.usageError(`no ${verb}: ${Object.keys(actions).join(', ')}`);
  const { takes, options } = action;
  if (takes !== '' && rest.length !== 1) throw call.usageError(`${verb} wants one thing, ${takes}`);
  if (takes === '' && rest.length > 0) throw call.usageError(`${verb} takes options only, and no ${rest[0]}`);
  const all = new Set(Object.values(actions).flatMap((each) => each.options));
  const unread = [...all].find((name) => !options.includes(name) && call.texts(name).length > 0);
  if (unread !== undefined) throw call.usageError(`${verb} has no option --${unread}`);
  action.run(call);
  return 0;
}
