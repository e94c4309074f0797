/**
 * Renewal of a server's certificate by an authority whose directory is at hand: for the same key, so that one file is
 * replaced, which is then taken up like any other change of it. Loaded when one is due.
 */
import { PUBLIC_MODE, replaceFile } from '../authority/files.ts';
import { DAY_MS, Keeper } from '../authority/keeper.ts';
import { renewWith } from '../authority/renew.ts';
import type { LoadedCertificate } from './credentials.ts';

/** Makes it anew, for as long as it was made for before, and puts it in its place. */
export function renewCertificate(
  { x509, certFile, fromMs, untilMs }: LoadedCertificate,
  directory: string,
  now: () => number,
): void {
  const days = Math.max(1, Math.round((untilMs - fromMs) / DAY_MS));
  const { pem } = renewWith(new Keeper({ directory, now }), x509.toString(), days, null);
  replaceFile(certFile, pem, PUBLIC_MODE);
}
