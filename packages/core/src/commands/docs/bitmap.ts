/** What COMMAND DOCS says of the commands of the group bitmap. */
import type { CommandDocs } from '../command-docs.ts';

export const bitmapDocs: CommandDocs = {
  getbit: {
    summary: 'Answers with one bit of a string.',
    since: '2.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0 offset:i',
  },
  setbit: {
    summary: 'Sets or clears one bit of a string, or makes it.',
    since: '2.2.0',
    complexity: 'O(1)',
    syntax: 'key:k0 offset:i value:i',
  },
  bitcount: {
    summary: 'Counts the bits that are set in a string.',
    since: '2.6.0',
    complexity: 'O(N) in the length of the string',
    syntax: 'key:k0 [range{start:i end:i [unit(BYTE|BIT)@7.0.0]}]',
    history: [['7.0.0', 'Takes BYTE and BIT.']],
  },
  bitpos: {
    summary: 'Finds the first bit that is set, or clear, in a string.',
    since: '2.8.7',
    complexity: 'O(N) in the length of the string',
    syntax: 'key:k0 bit:i [range{start:i [end-unit-block{end:i [unit(BYTE|BIT)@7.0.0]}]}]',
    history: [['7.0.0', 'Takes BYTE and BIT.']],
  },
  bitop: {
    summary: 'Combines strings bit by bit, and stores the result.',
    since: '2.6.0',
    complexity: 'O(N) in the length of the longest string',
    syntax: 'operation(AND|OR|XOR|NOT) destkey:k0 key:k1+',
  },
  bitfield: {
    summary: 'Reads and changes integers of any width within a string.',
    since: '3.2.0',
    complexity: 'O(1) for each operation',
    syntax:
      'key:k0 [operation(GET=get-block{encoding offset:i}|write{[OVERFLOW=overflow-block(WRAP|SAT|FAIL)] write-operation(SET=set-block{encoding offset:i value:i}|INCRBY=incrby-block{encoding offset:i increment:i})})+]',
  },
  bitfield_ro: {
    summary: 'Reads integers of any width within a string.',
    since: '6.0.0',
    complexity: 'O(1) for each operation',
    syntax: 'key:k0 [GET=get-block{encoding offset:i}++]',
  },
};
