/** What Linux says about another process: CPU time of all its threads, and memory held. */
import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second. */
const tickUs = 10_000;

export function cpuUsOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

export function rssBytesOf(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) * 1024;
}
