/** What `ferrite tls ca`, `issue`, `renew`, `list`, `revoke` and `crl` do. */
import { join } from 'node:path';
import { FerriteError } from '@ferrite/core/module';
import {
  Authority,
  type AuthorityOptions,
  createAuthority,
  CRL_DAYS,
  type IssuedWithKey,
  type MadeCertificate,
} from '../authority/authority.ts';
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
import { revocationReasons } from '../x509/crl.ts';
import { isHostName, usages } from '../x509/extensions.ts';
import { keyKinds } from '../x509/key-kinds.ts';
import type { GivenOptions, OptionName } from './options.ts';
import { tableOf } from './table.ts';

/** What a subcommand has to say: for programs, and for people. */
export interface Outcome {
  readonly json: unknown;
  readonly text: string;
}

export interface Action {
  /** What follows its name. */
  readonly takes: string;
  readonly text: string;
  readonly options: readonly OptionName[];
  run(given: GivenOptions, now: () => number): Outcome;
}

const AUTHORITY_DAYS = 3650;
/** What browsers accept at most; devices are to renew long before. */
const CERTIFICATE_DAYS = 397;
const WARNED_DAYS = 30;

export const actions: Record<string, Action> = {
  ca: {
    takes: '',
    text: 'make an authority: ca.crt, ca.key and an empty ca.crl',
    options: ['dir', 'name', 'organization', 'days', 'key', 'passphrase-file', 'json'],
    run: makeAuthority,
  },
  issue: {
    takes: 'NAME',
    text: 'make a certificate and its key: NAME.crt and NAME.key',
    options: ['dir', 'out', 'usage', 'names', 'organization', 'days', 'key', 'public-key', 'passphrase-file', 'json'],
    run: issue,
  },
  renew: {
    takes: 'NAME',
    text: 'make the certificate anew, for the same key unless --new-key is given',
    options: ['dir', 'out', 'days', 'new-key', 'key', 'passphrase-file', 'json'],
    run: renew,
  },
  list: {
    takes: '',
    text: 'show what was issued, and until when it is good',
    options: ['dir', 'all', 'json'],
    run: list,
  },
  revoke: {
    takes: 'NAME|SERIAL',
    text: 'make certificates invalid, and ca.crl anew',
    options: ['dir', 'reason', 'passphrase-file', 'json'],
    run: revoke,
  },
  crl: {
    takes: '',
    text: 'make ca.crl anew: it is good for a time only',
    options: ['dir', 'days', 'passphrase-file', 'json'],
    run: refreshList,
  },
};

function makeAuthority(given: GivenOptions, now: () => number): Outcome {
  const options = authorityOptions(given, now);
  const authority = createAuthority(options, {
    name: given.text('name', 'Ferrite CA'),
    organization: given.text('organization', ''),
    days: given.days(AUTHORITY_DAYS),
    keyKind: given.oneOf('key', keyKinds, 'p256'),
  });
  const files = { certificate: join(options.directory, 'ca.crt'), key: join(options.directory, 'ca.key') };
  return {
    json: { ...files, until: dateOf(authority.untilMs) },
    text: `Authority in ${options.directory}, good until ${dayOf(authority.untilMs)}. Keep ${files.key} to yourself; give ${files.certificate} to everybody.`,
  };
}

function issue(given: GivenOptions, now: () => number): Outcome {
  const name = given.word('the name of the device or host');
  const files = deviceFiles(given, name);
  for (const path of [files.key, files.certificate]) {
    if (fileExists(path)) throw new FerriteError('FERRITE_EXISTS', `${path} is there already: renew it, or give --out`);
  }
  const usage = given.oneOf('usage', usages, 'both');
  const initialNames = usage !== 'client' && isHostName(name) ? name : '';
  const publicKeyFile = given.text('public-key', '');
  const made = new Authority(authorityOptions(given, now)).issue({
    name,
    organization: given.text('organization', ''),
    usage,
    names: listOf(given.text('names', initialNames)),
    days: given.days(CERTIFICATE_DAYS),
    keyKind: given.oneOf('key', keyKinds, 'p256'),
    publicKey: publicKeyFile === '' ? undefined : readText(publicKeyFile),
  });
  makeFolder(files.folder);
  if (made.keyPem !== null) createFile(files.key, made.keyPem, PRIVATE_MODE);
  createFile(files.certificate, made.pem, PUBLIC_MODE);
  return outcomeOf(name, made, { certificate: files.certificate, key: made.keyPem === null ? null : files.key });
}

function renew(given: GivenOptions, now: () => number): Outcome {
  const name = given.word('the name of the device or host');
  const files = deviceFiles(given, name);
  const authority = new Authority(authorityOptions(given, now));
  const old = authority.list().find((each) => each.name === name && each.status !== 'revoked');
  if (old === undefined) {
    throw new FerriteError(
      'FERRITE_INVALID_ARGUMENT',
      `nothing to renew: no certificate was issued for ${name}, or it was revoked`,
    );
  }
  const days = given.days(CERTIFICATE_DAYS);
  let made: MadeCertificate | IssuedWithKey;
  if (given.has('new-key')) {
    const { usage, names } = old;
    made = authority.issue({ name, usage, names, days, keyKind: given.oneOf('key', keyKinds, 'p256') });
  } else made = authority.renew(old.pem, days);
  makeFolder(files.folder);
  const keyPem = 'keyPem' in made ? made.keyPem : null;
  // A server that looks between the two finds a key that does not fit, and keeps what it has until both are there.
  if (keyPem !== null) replaceFile(files.key, keyPem, PRIVATE_MODE);
  replaceFile(files.certificate, made.pem, PUBLIC_MODE);
  return outcomeOf(name, made, { certificate: files.certificate, key: keyPem === null ? null : files.key });
}

function list(given: GivenOptions, now: () => number): Outcome {
  const authority = new Authority(authorityOptions(given, now));
  const shown = authority.list().filter((each) => each.isNewest || given.has('all'));
  const rows = shown.map((each) => [
    each.name,
    each.usage,
    stateOf(each),
    dayOf(each.untilMs),
    each.names.join(','),
    each.serial,
  ]);
  return {
    json: shown.map(({ pem: _pem, fromMs, untilMs, isNewest: _isNewest, ...rest }) => ({
      ...rest,
      from: dateOf(fromMs),
      until: dateOf(untilMs),
    })),
    text:
      rows.length === 0
        ? 'Nothing was issued yet.'
        : tableOf(['name', 'usage', 'state', 'until', 'names', 'serial'], rows),
  };
}

function revoke(given: GivenOptions, now: () => number): Outcome {
  const which = given.word('the name or number of the certificate');
  const options = authorityOptions(given, now);
  const reason = given.oneOf('reason', revocationReasons, 'unspecified');
  const revoked = new Authority(options).revoke(which, reason);
  const listPath = join(options.directory, 'ca.crl');
  return {
    json: { revoked: revoked.map(({ name, serial }) => ({ name, serial })), list: listPath },
    text: `Revoked ${revoked.map(({ name, serial }) => `${name} (${serial})`).join(', ')}. Servers refuse them once they have the new ${listPath}.`,
  };
}

function refreshList(given: GivenOptions, now: () => number): Outcome {
  const options = authorityOptions(given, now);
  const days = given.days(CRL_DAYS);
  new Authority(options).writeRevocationList(days);
  const listPath = join(options.directory, 'ca.crl');
  return { json: { list: listPath, days }, text: `${listPath} is good for ${days} days.` };
}

function authorityOptions(given: GivenOptions, now: () => number): AuthorityOptions {
  const passphraseFile = given.text('passphrase-file', '');
  const passphrase = passphraseFile === '' ? undefined : readText(passphraseFile).replace(/\r?\n$/, '');
  return { directory: given.text('dir', 'ferrite-ca'), passphrase, now };
}

function deviceFiles(given: GivenOptions, name: string): { folder: string; certificate: string; key: string } {
  const folder = given.text('out', join(given.text('dir', 'ferrite-ca'), 'devices'));
  return { folder, certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

function outcomeOf(name: string, made: MadeCertificate, files: { certificate: string; key: string | null }): Outcome {
  const { serial, untilMs, isCut } = made;
  const written = files.key === null ? files.certificate : `${files.certificate} and ${files.key}`;
  const cut = isCut ? ' It ends with its authority, earlier than asked.' : '';
  return {
    json: { name, serial, until: dateOf(untilMs), ...files },
    text: `${written}, good until ${dayOf(untilMs)}.${cut}`,
  };
}

function stateOf({ status, daysLeft }: IssuedCertificate): string {
  return status === 'valid' && daysLeft < WARNED_DAYS ? `${daysLeft} days left` : status;
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
