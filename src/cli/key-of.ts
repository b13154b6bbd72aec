import { freshdeskUrl } from '../config/freshdesk.ts';
import type { Settings } from '../config/schema.ts';
import { findSubject } from './look-command.ts';
import { ISSUE, MERGE_REQUEST } from './subjects.ts';

/**
 * The key that a person means: it may be written as in the other commands (`group/project!12`, `group/project#3`, `101` for a ticket), or be
 * the address of one of these. What is none of them is a key already.
 */
export function keyOf(text: string, { freshdesk }: Pick<Settings, 'freshdesk'>): string {
  const ticket =
    /^(?:ticket:)?#?(\d{1,15})$/.exec(text)?.[1] ??
    /^https?:.*\/tickets\/(?:archived\/)?(\d{1,15})(?:[/?#]|$)/.exec(text)?.[1];
  if (ticket !== undefined && freshdesk) return `ticket:${new URL(freshdeskUrl(freshdesk)).host}/${Number(ticket)}`;
  return findSubject(text, MERGE_REQUEST) ?? findSubject(text, ISSUE) ?? text;
}
