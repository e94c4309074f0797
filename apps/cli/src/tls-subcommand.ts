/** `ferrite tls`: its row in the table. The code is that of `@ferrite/tls`. */
import type { CliSubcommand } from '@ferrite/core/module';

export const tlsSubcommand: CliSubcommand = {
  name: 'tls',
  summary: 'Make, renew, list and revoke certificates for servers and devices',
  arguments: [
    { name: 'VERB', summary: 'ca, issue, renew, list, revoke or crl' },
    {
      name: 'NAME',
      summary: 'For issue, renew and revoke: a device or host; revoke takes a serial number, too',
      optional: true,
      repeated: true,
    },
  ],
  options: [
    { name: 'dir', kind: 'text', value: 'DIR', summary: 'Directory of the authority', default: 'ferrite-ca' },
    {
      name: 'out',
      kind: 'text',
      value: 'DIR',
      summary: 'issue, renew: where NAME.crt and NAME.key go (default devices/ in the directory of the authority)',
    },
    { name: 'name', kind: 'text', summary: 'ca: its name (default Ferrite CA)' },
    { name: 'organization', kind: 'text', summary: 'ca, issue: organization in the subject (default none)' },
    { name: 'usage', kind: ['both', 'server', 'client'], summary: 'issue: what for (default both)' },
    {
      name: 'names',
      kind: 'text',
      value: 'A,B',
      summary: 'issue: hosts, *.host or IP addresses (default NAME, unless it is for a client)',
    },
    { name: 'days', kind: 'integer', summary: 'How long it is good (default ca 3650, issue and renew 397, crl 365)' },
    {
      name: 'key',
      kind: ['p256', 'p384', 'ed25519', 'rsa3072'],
      summary: 'ca, issue, renew: kind of a new private key (default p256)',
    },
    {
      name: 'public-key',
      kind: 'text',
      value: 'FILE',
      summary: 'issue: PEM of the public key, where the private one stays on the device',
    },
    { name: 'new-key', kind: 'flag', summary: 'renew: a new private key, too' },
    {
      name: 'reason',
      kind: ['unspecified', 'key-compromise', 'affiliation-changed', 'superseded', 'cessation-of-operation'],
      summary: 'revoke: why (default unspecified)',
    },
    {
      name: 'passphrase-file',
      kind: 'text',
      value: 'FILE',
      summary: "All but list: holds the passphrase of the authority's key, where it has one",
    },
    { name: 'all', kind: 'flag', summary: 'list: also what was renewed since' },
  ],
  details: [
    'ca makes an authority: ca.crt for everybody, ca.key for you alone, and ca.crl, the list of what was revoked. issue makes NAME.crt and NAME.key; renew makes NAME.crt anew, for the same key. crl makes the list anew, which is good for a time only.',
  ],
  examples: [
    'ferrite tls ca --name "Plant 7"',
    'ferrite tls issue cache.plant7.example --usage server --names cache.plant7.example,10.0.0.5',
    'ferrite tls issue pump-12 --usage client --days 90',
    'ferrite tls revoke pump-12 --reason key-compromise',
  ],
  load: () => import('@ferrite/tls/command'),
};
