/**
 * The command line, through the link that npm makes for it, on the store that the smoke program left. The command that
 * runs a program of JavaScript is given as arguments.
 */
import { spawnSync } from 'node:child_process';

const [file, ...args] = process.argv.slice(2);
check(ferrite('--version').startsWith('ferrite '), 'the version');
check(ferrite('help').includes('Usage: ferrite'), 'the help');
check(JSON.parse(ferrite('compact', 'store', '--json')).path === 'store', 'compact');
check(JSON.parse(ferrite('doctor', 'store', '--json')).isWhole, 'doctor');
ferrite('export', 'store', '--out', 'store.resp');
ferrite('import', 'store.resp', 'imported');
check(JSON.parse(ferrite('doctor', 'imported', '--json')).keys === 20_104, 'import');
check(ferrite('serve', '--version').startsWith('Ferrite server'), 'serve');
console.log('ok');

function ferrite(...rest) {
  const command = [...args, 'node_modules/@ferrite/cli/dist/ferrite.js', ...rest];
  const { status, stdout, stderr } = spawnSync(file, command, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ferrite ${rest.join(' ')} exited with ${status}: ${stderr}`);
  return stdout;
}

function check(condition, what) {
  if (!condition) throw new Error(`cli: ${what}`);
}
