/** The README's help is what the program prints: `vitest run apps/cli/src/readme.test.ts -u` writes it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { programHelp, subcommandHelp } from './help.ts';
import { subcommands } from './subcommands.ts';

const HEADING = '## Help\n';
const path = fileURLToPath(new URL('../README.md', import.meta.url));

it('the README shows the help of the program and of each command', async () => {
  const [before] = readFileSync(path, 'utf8').split(HEADING);
  const block = (text: string): string => `\`\`\`text\n${text}\`\`\`\n`;
  const parts = [
    'What follows is what the program prints.\n',
    block(programHelp(subcommands)),
    ...subcommands.map((row) => `### ferrite ${row.name}\n\n${block(subcommandHelp(row))}`),
  ];
  await expect(`${before}${HEADING}\n${parts.join('\n')}`).toMatchFileSnapshot(path);
});
