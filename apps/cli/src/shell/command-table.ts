/**
 * What the shell knows of commands: their arguments, for hints and completion, and a line about each, for `help`.
 *
 * It is asked of the server (COMMAND DOCS), so it is right for whatever that has; a server that does not tell gets the
 * commands of Ferrite.
 */
import { type CommandArgument, commandDocs, readSyntax } from '@ferrite/core/docs';
import { ReplyError, type ReplyValue } from '@ferrite/core/tools';
import type { RespClient } from '../client/resp-client.ts';

/** An argument, as far as it is shown. */
export interface ShownArgument {
  readonly name: string;
  /** A word to be written as it is, before the argument or instead of one. */
  readonly token: string;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
  /** Of `parts`, one is to be chosen. */
  readonly isChoice: boolean;
  readonly parts: readonly ShownArgument[];
}

export interface KnownCommand {
  /** In capitals; with a space before a subcommand. */
  readonly name: string;
  readonly summary: string;
  readonly group: string;
  readonly arguments: readonly ShownArgument[];
}

/** By name. */
export type CommandTable = ReadonlyMap<string, KnownCommand>;

export function ownCommands(): CommandTable {
  const table = new Map<string, KnownCommand>();
  for (const [key, { summary, syntax }] of Object.entries(commandDocs)) {
    const name = key.toUpperCase().replace('|', ' ');
    const shown = syntax === undefined ? [] : readSyntax(syntax).map(fromSyntax);
    table.set(name, { name, summary, group: '', arguments: shown });
  }
  return table;
}

function fromSyntax({ shown, name, token, type, flags, parts }: CommandArgument): ShownArgument {
  return {
    name: shown === '' ? name : shown,
    token,
    isOptional: flags.includes('optional'),
    isRepeated: flags.includes('multiple'),
    isChoice: type === 'oneof',
    parts: parts.map(fromSyntax),
  };
}

/** The commands of the server; undefined when it does not tell. */
export async function commandsOf(client: RespClient): Promise<CommandTable | undefined> {
  const reply = await client.send(['COMMAND', 'DOCS']);
  const docs = mapOf(reply);
  if (reply instanceof ReplyError || docs.size === 0) return undefined;
  const table = new Map<string, KnownCommand>();
  const add = (name: string, value: ReplyValue): void => {
    const doc = mapOf(value);
    table.set(name, {
      name,
      summary: textOf(doc.get('summary')),
      group: textOf(doc.get('group')),
      arguments: listOf(doc.get('arguments')).map(fromReply),
    });
    for (const [key, each] of mapOf(doc.get('subcommands'))) add(key.toUpperCase().replace('|', ' '), each);
  };
  for (const [key, value] of docs) add(key.toUpperCase(), value);
  return table;
}

function fromReply(value: ReplyValue): ShownArgument {
  const fields = mapOf(value);
  const flags = listOf(fields.get('flags')).map(textOf);
  return {
    name: textOf(fields.get('display_text')) || textOf(fields.get('name')),
    token: textOf(fields.get('token')),
    isOptional: flags.includes('optional'),
    isRepeated: flags.includes('multiple'),
    isChoice: textOf(fields.get('type')) === 'oneof',
    parts: listOf(fields.get('arguments')).map(fromReply),
  };
}

/** A map of RESP3, or the flat array that stands for one in RESP2. */
function mapOf(value: ReplyValue | undefined): Map<string, ReplyValue> {
  const map = new Map<string, ReplyValue>();
  if (value instanceof Map) for (const [key, each] of value) map.set(textOf(key), each);
  if (Array.isArray(value)) for (let i = 0; i + 1 < value.length; i += 2) map.set(textOf(value[i]), value[i + 1]);
  return map;
}

function listOf(value: ReplyValue | undefined): readonly ReplyValue[] {
  return Array.isArray(value) ? value : value instanceof Set ? [...value] : [];
}

function textOf(value: ReplyValue | undefined): string {
  return value === undefined || value === null || value instanceof ReplyError ? '' : String(value);
}

/** How an argument is written: `[NX | XX]`, `EX seconds`, `key [key ...]`. */
export function argumentText(argument: ShownArgument): string {
  const { token, name, parts, isChoice, isOptional, isRepeated } = argument;
  const inner = parts.length > 0 ? parts.map(argumentText).join(isChoice ? ' | ' : ' ') : '';
  const isPureToken = token !== '' && parts.length === 0 && name.toUpperCase() === token.toUpperCase();
  const plain = parts.length > 0 ? inner : isPureToken ? '' : name;
  const text = [token, plain].filter((part) => part !== '').join(' ');
  const repeated = isRepeated ? `${text} [${text} ...]` : text;
  return isOptional ? `[${repeated}]` : repeated;
}
