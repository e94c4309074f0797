/** What Linux says about another process: CPU time of all its threads, memory held, and open files. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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

/** Open handles by what they lead to: a path, or `socket`, `pipe` and the like. */
export function handlesOf(pid) {
  const folder = `/proc/${pid}/fd`;
  const counts = new Map();
  for (const name of readdirSync(folder)) {
    let target;
    try {
      target = readlinkSync(`${folder}/${name}`);
    } catch {
      continue; // It was closed just now.
    }
    const kind = target.startsWith('/') ? target : target.replace(/:\[\d+\]$/, '');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
