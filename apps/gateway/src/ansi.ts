/** Colours and cursor moves of a terminal, and whether they are wanted. */

const CODES = {
  bold: '1',
  dim: '2',
  red: '38;5;203',
  amber: '38;5;214',
  violet: '38;5;141',
  blue: '38;5;75',
  green: '38;5;78',
  grey: '38;5;245',
} as const;

export type Style = keyof typeof CODES;

/** Writes text in a style, or plainly where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

export const plainly: Paint = (_style, text) => text;
export const inColour: Paint = (style, text) => (text === '' ? '' : `\x1b[${CODES[style]}m${text}\x1b[0m`);

export const CURSOR_HIDE = '\x1b[?25l';
export const CURSOR_SHOW = '\x1b[?25h';
export const CLEAR_BELOW = '\x1b[0J';
export const CLEAR_LINE_END = '\x1b[0K';

export function cursorUp(lines: number): string {
  return lines > 0 ? `\x1b[${lines}A\r` : '\r';
}

/** Whether a terminal is there that can redraw: a TTY, not a build server, and the person has not said NO_COLOR. */
export function canRedraw(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['CI'] && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
