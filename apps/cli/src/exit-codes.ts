/** What the program's exit codes mean: its help, its README and its code take them from here. */

export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [OK, 'everything went well'],
  [FAILED, 'the operation failed, or a check found something wrong'],
  [USAGE, 'the command line makes no sense'],
];
