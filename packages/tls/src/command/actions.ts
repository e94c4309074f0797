/** What `ferrite tls ca`, `issue`, `renew`, `list`, `revoke` and `crl` do. */
import { join } from 'node:path';
import { type CliCall, FerriteError, systemClock } from '@ferrite/core/module';
import { Authority, createAuthority, CRL_DAYS } from '../authority/authority.ts';
import {
  createFile,
  fileExists,
  makeFolder,
  PRIVATE_MODE,
  PUBLIC_MODE,
  readText,
  replaceFile,
} from '../authority/files.ts';
import type { IssuedCertificate } from '../authority/issued.ts';
import type { AuthorityOptions, MadeCertificate } from '../authority/keeper.ts';
import { revocationReasons } from '../x509/crl.ts';
import { isHostName, usages } from '../x509/extensions.ts';
import { type KeyKind, keyKinds } from '../x509/key-kinds.ts';
import { tableOf } from './table.ts';

/** A verb of `ferrite tls`. */
interface Action {
  /** What follows it, for messages; '' for nothing. */
  readonly takes: string;
  /** Those that it reads, beside `dir` and `json`. */
  readonly options: readonly string[];
  run(call: CliCall): void;
}

const AUTHORITY_DAYS = 3650;
/** What browsers accept at most; devices are to renew long before. */
const CERTIFICATE_DAYS = 397;
const DAYS_MAX = 36_500;
const WARNED_DAYS = 30;
const DAY_MS = 86_400_000;

export const actions: Record<string, Action> = {
  ca: { takes: '', options: ['name', 'organization', 'days', 'key', 'passphrase-file'], run: makeAuthority },
  issue: {
    takes: 'the name of a device or host',
    options: ['out', 'usage', 'names', 'organization', 'days', 'key', 'public-key', 'passphrase-file'],
    run: issue,
  },
  renew: {
    takes: 'the name of a device or host',
    options: ['out', 'days', 'new-key', 'key', 'passphrase-file'],
    run: renew,
  },
  list: { takes: '', options: ['all'], run: list },
  revoke: { takes: 'the name or number of a certificate', options: ['reason', 'passphrase-file'], run: revoke },
  crl: { takes: '', options: ['days', 'passphrase-file'], run: refreshList },
};

function makeAuthority(call: CliCall): void {
  const options = authorityOptions(call);
  const authority = createAuthority(options, {
    name: textOf(call, 'name', 'Ferrite CA'),
    organization: textOf(call, 'organization', ''),
    days: daysOf(call, AUTHORITY_DAYS),
    keyKind: keyKindOf(call),
  });
  const files = { certificate: join(options.directory, 'ca.crt'), key: join(options.directory, 'ca.key') };
  call.result(
    `Authority in ${options.directory}, good until ${dayOf(authority.untilMs)}. Keep ${files.key} to yourself; give ${files.certificate} to everybody.`,
    { ...files, until: dateOf(authority.untilMs) },
  );
}

function issue(call: CliCall): void {
  const name = call.arguments[1];
  const files = deviceFiles(call, name);
  for (const path of [files.key, files.certificate]) {
    if (fileExists(path)) throw new FerriteError('FERRITE_EXISTS', `${path} is there already: renew it, or give --out`);
  }
  const usage = wordOf(call, 'usage', usages);
  const initialNames = usage !== 'client' && isHostName(name) ? name : '';
  const publicKeyFile = textOf(call, 'public-key', '');
  const made = new Authority(authorityOptions(call)).issue({
    name,
    organization: textOf(call, 'organization', ''),
    usage,
    names: listOf(textOf(call, 'names', initialNames)),
    days: daysOf(call, CERTIFICATE_DAYS),
    keyKind: keyKindOf(call),
    publicKey: publicKeyFile === '' ? undefined : readText(publicKeyFile),
  });
  makeFolder(files.folder);
  if (made.keyPem !== null) createFile(files.key, made.keyPem, PRIVATE_MODE);
  createFile(files.certificate, made.pem, PUBLIC_MODE);
  tellMade(call, name, made, { certificate: files.certificate, key: made.keyPem === null ? null : files.key });
}

function renew(call: CliCall): void {
  const name = call.arguments[1];
  const files = deviceFiles(call, name);
  const authority = new Authority(authorityOptions(call));
  const old = authority.list().find((each) => each.name === name && each.status !== 'revoked');
  if (old === undefined) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `nothing to renew: no certificate was issued for ${name}, or it was revoked`,
    );
  }
  if (call.text('key') !== undefined && !call.flag('new-key')) throw call.usageError('--key goes with --new-key');
  const days = daysOf(call, CERTIFICATE_DAYS);
  const { keyPem, ...made } = authority.renew(old.pem, days, call.flag('new-key') ? keyKindOf(call) : null);
  makeFolder(files.folder);
  // A server that looks between the two finds a key that does not fit, and keeps what it has until both are there.
  if (keyPem !== null) replaceFile(files.key, keyPem, PRIVATE_MODE);
  replaceFile(files.certificate, made.pem, PUBLIC_MODE);
  tellMade(call, name, made, { certificate: files.certificate, key: keyPem === null ? null : files.key });
}

function list(call: CliCall): void {
  const authority = new Authority(authorityOptions(call));
  const shown = authority.list().filter((each) => each.isNewest || call.flag('all'));
  const rows = shown.map((each) => [
    each.name,
    each.usage,
    stateOf(each),
    dayOf(each.untilMs),
    each.names.join(','),
    each.serial,
  ]);
  const heads = ['name', 'usage', 'state', 'until', 'names', 'serial'];
  const certificates = shown.map(({ name, serial, names, usage, status, daysLeft, fromMs, untilMs }) => {
    return { name, serial, names, usage, status, daysLeft, from: dateOf(fromMs), until: dateOf(untilMs) };
  });
  const listUntilMs = authority.revocationListUntilMs;
  const listDays = Math.floor((listUntilMs - systemClock.nowMs()) / DAY_MS);
  if (listDays < WARNED_DAYS)
    call.note(`ca.crl is good until ${dayOf(listUntilMs)} only: ferrite tls crl makes it anew`);
  call.result(rows.length === 0 ? 'Nothing was issued yet.' : tableOf(heads, rows), {
    certificates,
    listUntil: dateOf(listUntilMs),
  });
}

function revoke(call: CliCall): void {
  const which = call.arguments[1];
  const options = authorityOptions(call);
  const reason = wordOf(call, 'reason', revocationReasons);
  const revoked = new Authority(options).revoke(which, reason);
  const listPath = join(options.directory, 'ca.crl');
  call.result(
    `Revoked ${revoked.map(({ name, serial }) => `${name} (${serial})`).join(', ')}. Servers refuse them once they have the new ${listPath}.`,
    { revoked: revoked.map(({ name, serial }) => ({ name, serial })), list: listPath },
  );
}

function refreshList(call: CliCall): void {
  const options = authorityOptions(call);
  const days = daysOf(call, CRL_DAYS);
  new Authority(options).writeRevocationList(days);
  const listPath = join(options.directory, 'ca.crl');
  call.result(`${listPath} is good for ${days} days.`, { list: listPath, days });
}

function authorityOptions(call: CliCall): AuthorityOptions {
  const passphraseFile = textOf(call, 'passphrase-file', '');
  const passphrase = passphraseFile === '' ? undefined : readText(passphraseFile).replace(/\r?\n$/, '');
  return { directory: textOf(call, 'dir', 'ferrite-ca'), passphrase, now: systemClock.nowMs };
}

function deviceFiles(call: CliCall, name: string): { folder: string; certificate: string; key: string } {
  const folder = textOf(call, 'out', join(textOf(call, 'dir', 'ferrite-ca'), 'devices'));
  return { folder, certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function tellMade(
  call: CliCall,
  name: string,
  made: MadeCertificate,
  files: { certificate: string; key: string | null },
): void {
  const { serial, untilMs, isCut } = made;
  const written = files.key === null ? files.certificate : `${files.certificate} and ${files.key}`;
  const cut = isCut ? ' It ends with its authority, earlier than asked.' : '';
  call.result(`${written}, good until ${dayOf(untilMs)}.${cut}`, { name, serial, until: dateOf(untilMs), ...files });
}

function stateOf({ status, daysLeft }: IssuedCertificate): string {
  return status === 'valid' && daysLeft < WARNED_DAYS ? `${daysLeft} days left` : status;
}

function textOf(call: CliCall, option: string, initial: string): string {
  return call.text(option) ?? initial;
}

function wordOf<const T extends string>(call: CliCall, option: string, words: readonly T[]): T {
  const text = call.text(option);
  const found = text === undefined ? words[0] : words.find((word) => word === text);
  if (found === undefined) throw call.usageError(`--${option} cannot be ${text}: ${words.join(', ')}`);
  return found;
}

function keyKindOf(call: CliCall): KeyKind {
  return wordOf(call, 'key', keyKinds);
}

function daysOf(call: CliCall, initial: number): number {
  const days = call.number('days') ?? initial;
  if (days < 1 || days > DAYS_MAX) throw call.usageError(`--days cannot be ${days}: 1 to ${DAYS_MAX}`);
  return days;
}

function listOf(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}

function dayOf(ms: number): string {
  return dateOf(ms).slice(0, 10);
}
