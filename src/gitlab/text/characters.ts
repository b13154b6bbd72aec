/**
 * What a character may do to its neighbours (turn their direction, hide, end a line) is settled here, before any
 * escaping, so that every function of this folder normalises alike.
 */
const LINE_BREAK = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
const CONTROL = /(?![\t\n])\p{Cc}/gu;
// Kept in running text: joiners and presentation selectors, without which emoji and Persian fall apart.
const INVISIBLE = /(?!\u200c|\u200d|\ufe0e|\ufe0f)[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/gu;
const HIDDEN_IN_CODE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]|(?![ \t\n])\s/gu;

/** Valid UTF-16, `\n` as the only line break, other control characters as their visible pictures (`␛`). */
export function visibleControls(text: string): string {
  return text.toWellFormed().replace(LINE_BREAK, '\n').replace(CONTROL, controlPicture);
}

/** For running text: controls visible, direction controls and invisible characters gone. Keeps line breaks. */
export function visibleText(text: string): string {
  return visibleControls(text).replace(INVISIBLE, '');
}

/** For code, where every character is evidence: invisible ones are spelt out as `⟨U+202E⟩`. Keeps tabs and line breaks. */
export function visibleCode(text: string): string {
  return visibleControls(text).replace(HIDDEN_IN_CODE, spelledOut);
}

/** One line: every run of white space is one space, none at the ends. Linear: no pattern that ends in a look ahead. */
export function oneLine(text: string): string {
  return visibleText(text).replace(/\s+/g, ' ').trim();
}

function controlPicture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : spelledOut(character);
}

function spelledOut(character: string): string {
  return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
