/**
 * COMMAND DOCS: what is documented of a command, and how its arguments are written down.
 *
 * A command's `syntax` is one line:
 *
 * | written | is |
 * |---|---|
 * | `name`, `name:i` `:d` `:p` `:t` | an argument: string, integer, double, pattern, Unix time |
 * | `key:k0` | a key, by the first key specification of the command |
 * | `name~shown` | an argument that is shown by another name |
 * | `TOKEN`, `TOKEN=name` | a word as it is; a word and the argument after it |
 * | `=`, `~`, `*`, `$` | a sign as it is |
 * | `name(a\|b)`, `name{a b}` | one of these; all of these |
 * | `[a]`, `a+`, `a++` | may be left out; may be repeated; may be repeated with its word |
 * | `a@1.0`, `a@-1.0` | since that version; deprecated since then |
 */
import type { ReplyWriter } from '../protocol/reply-writer.ts';

export interface CommandDoc {
  summary: string;
  /** The version of redis that had it first. */
  since: string;
  complexity?: string;
  syntax?: string;
  history?: readonly (readonly [version: string, text: string])[];
  deprecated?: { since: string; replacedBy: string };
  isForTests?: boolean;
}

/** By full name, such as `client|list`. */
export type CommandDocs = Readonly<Record<string, CommandDoc>>;

/** An argument, or a group of them, as a syntax describes it. */
export interface CommandArgument {
  name: string;
  type: string;
  shown: string;
  keySpec: number;
  token: string;
  since: string;
  deprecatedSince: string;
  flags: string[];
  parts: CommandArgument[];
}

const TYPES: Record<string, string> = { i: 'integer', d: 'double', p: 'pattern', t: 'unix-time', k: 'key' };
const NO_KEY = -1;
const WORD = /[^\s:=~(){}|[\]+@]+/y;
const SHOWN = /[^\s(){}|[\]+@]+/y;
const TOKEN_START = /^[A-Z]/;
const SIGNS = ['=', '~', '*', '$'];

/** Writes the arguments of a syntax as COMMAND DOCS has them. */
export function replyArguments(reply: ReplyWriter, syntax: string): void {
  replyList(reply, readSyntax(syntax));
}

/** The arguments that a syntax describes. */
export function readSyntax(syntax: string): CommandArgument[] {
  return new SyntaxReader(syntax).all();
}

function replyList(reply: ReplyWriter, list: readonly CommandArgument[]): void {
  reply.array(list.length);
  for (const each of list) {
    const place = reply.defer();
    let fields = 0;
    const field = (name: string, value: string): void => {
      if (value === '') return;
      fields++;
      reply.bulkLatin1(name);
      reply.bulkLatin1(value);
    };
    field('name', each.name);
    field('type', each.type);
    if (each.parts.length === 0) field('display_text', each.shown);
    if (each.keySpec !== NO_KEY) {
      fields++;
      reply.bulkLatin1('key_spec_index');
      reply.integer(each.keySpec);
    }
    field('token', each.token);
    field('since', each.since);
    field('deprecated_since', each.deprecatedSince);
    if (each.flags.length > 0) {
      fields++;
      reply.bulkLatin1('flags');
      reply.set(each.flags.length);
      for (const flag of each.flags) reply.simple(flag);
    }
    if (each.parts.length > 0) {
      fields++;
      reply.bulkLatin1('arguments');
      replyList(reply, each.parts);
    }
    reply.resolveMap(place, fields);
  }
}

/** Reads a syntax, which is ours: what cannot be read is a mistake of this project, and throws. */
class SyntaxReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  all(): CommandArgument[] {
    const list = this.list(' ');
    if (this.at < this.text.length) throw new Error(`syntax "${this.text}" cannot be read at ${this.at}`);
    return list;
  }

  private list(separator: string): CommandArgument[] {
    const list = [this.argument()];
    while (this.takes(separator)) list.push(this.argument());
    return list;
  }

  private argument(): CommandArgument {
    if (!this.takes('[')) return this.repeated(this.body());
    const optional = this.repeated(this.body());
    this.expect(']');
    // What is repeated may be the brackets and all.
    const own = this.repeated(optional);
    own.flags.unshift('optional');
    return own;
  }

  private body(): CommandArgument {
    const sign = SIGNS.find((each) => this.takes(each));
    if (sign !== undefined) return { ...blank(sign), type: 'pure-token', token: sign };
    const word = this.word(WORD);
    if (!TOKEN_START.test(word)) return this.named(word, '');
    if (this.takes('=')) return this.named(this.word(WORD), word);
    return { ...blank(word.toLowerCase()), type: 'pure-token', token: word };
  }

  private named(name: string, token: string): CommandArgument {
    const argument = { ...blank(name), token };
    if (this.takes('(')) return { ...argument, type: 'oneof', parts: this.close('|', ')') };
    if (this.takes('{')) return { ...argument, type: 'block', parts: this.close(' ', '}') };
    if (this.takes(':')) {
      const type = this.word(WORD);
      argument.type = TYPES[type[0]];
      if (type.length > 1) argument.keySpec = Number(type.slice(1));
    }
    if (this.takes('~')) argument.shown = this.word(SHOWN);
    return argument;
  }

  private close(separator: string, end: string): CommandArgument[] {
    const parts = this.list(separator);
    this.expect(end);
    return parts;
  }

  private repeated(argument: CommandArgument): CommandArgument {
    if (this.takes('+')) argument.flags.push('multiple');
    if (this.takes('+')) argument.flags.push('multiple_token');
    while (this.takes('@')) {
      const isEnd = this.takes('-');
      const version = this.word(WORD);
      if (isEnd) argument.deprecatedSince = version;
      else argument.since = version;
    }
    return argument;
  }

  private word(shape: RegExp): string {
    shape.lastIndex = this.at;
    const word = shape.exec(this.text)?.[0];
    if (word === undefined) throw new Error(`syntax "${this.text}" lacks a word at ${this.at}`);
    this.at += word.length;
    return word;
  }

  private takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.takes(character)) throw new Error(`syntax "${this.text}" lacks ${character} at ${this.at}`);
  }
}

function blank(name: string): CommandArgument {
  return {
    name,
    type: 'string',
    shown: name,
    keySpec: NO_KEY,
    token: '',
    since: '',
    deprecatedSince: '',
    flags: [],
    parts: [],
  };
}
