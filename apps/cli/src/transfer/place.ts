/** Where an export reads and an import writes: the directory of a store, or a server. */
import type { CliCall } from '@ferrite/core/module';
import { openInProcess } from '../client/in-process.ts';
import type { RespClient } from '../client/resp-client.ts';
import { connectTo, targetName, targetOf } from '../client/server-target.ts';
import { existingStore } from '../store-path.ts';

export interface Place {
  readonly name: string;
  readonly client: RespClient;
  /** Everything is durable when it resolves, where it is a store. */
  close(): Promise<void>;
}

/** `path` is a store, undefined for the server that the options name. To be written to, a store is made if it is missing. */
export async function openPlace(call: CliCall, path: string | undefined, use: 'read' | 'write'): Promise<Place> {
  if (path === undefined) {
    const target = targetOf(call);
    const client = await connectTo(target);
    return { name: targetName(target), client, close: async () => client.close() };
  }
  const store = use === 'read' ? existingStore(path) : path;
  const options = { path: store, codec: 'buffer', ordered: false } as const;
  const { client, close } = await openInProcess(use === 'read' ? { ...options, readOnly: true } : options);
  return { name: store, client, close };
}
