/** The machine on which figures were taken, as far as it matters for them; nothing that names its owner. */
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';

export function describeMachine(scratchPath) {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    filesystem: filesystemOf(scratchPath),
    node: process.version,
    v8: process.versions.v8,
  };
}

export function machineLine(machine) {
  const memoryGb = (machine.memoryBytes / 1e9).toFixed(0);
  const parts = [
    machine.cpu,
    `${machine.cores} cores`,
    `${memoryGb} GB`,
    machine.system,
    machine.filesystem,
    `Node ${machine.node}`,
  ];
  return parts.join(' · ');
}

function filesystemOf(path) {
  if (!existsSync('/proc/mounts')) return 'unknown file system';
  let best = { point: '', type: 'unknown file system' };
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, point = '', type = ''] = line.split(' ');
    const isAbove = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (isAbove && point !== '' && point.length >= best.point.length) best = { point, type };
  }
  return best.type;
}
