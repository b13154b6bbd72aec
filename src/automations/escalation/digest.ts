import { createHash } from 'node:crypto';

/** Of a text that GitLab keeps: line ends and blanks at the end are not ours to compare. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text.replace(/\r\n?/g, '\n').trimEnd()).digest('hex').slice(0, 32);
}
