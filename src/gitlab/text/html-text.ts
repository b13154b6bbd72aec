import { isActiveWord, splitWords } from './active-words.ts';
import { oneLine } from './characters.ts';

/**
 * Untrusted text inside HTML of ours, where Markdown escapes mean nothing and entities are decoded before GitLab looks
 * for references: a word with anything alive in it goes into `<code>`, which GitLab's filters leave alone.
 */
export function htmlText(text: string): string {
  const words = splitWords(oneLine(text));
  return words
    .map((word, index) => {
      const next = words[index + 1] ?? ' ';
      const alive = isActiveWord(word) || /[@#!&$%~^]\S/.test(word + next.charAt(0));
      return alive ? `<code>${escapeHtml(word)}</code>` : escapeHtml(word);
    })
    .join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
