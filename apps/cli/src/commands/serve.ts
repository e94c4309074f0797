/** `ferrite serve`: the server, with arguments and help of its own. It goes on after `run` has resolved, until it is shut down. */
import { loadFeaturesFor } from '@ferrite/all';
import { commandDocs } from '@ferrite/core/docs';
import type { CliCall } from '@ferrite/core/module';
import { runServer } from '@ferrite/server';

export async function run(call: CliCall): Promise<number> {
  await runServer(call.arguments, { program: 'ferrite serve', docs: commandDocs, loadFeatures: loadFeaturesFor });
  return Number(process.exitCode ?? 0);
}
