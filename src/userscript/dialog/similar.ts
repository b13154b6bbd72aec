import { element, externalLink } from '../page/element.ts';
import type { SimilarIssue } from '../service/escalation.ts';
import { TEXTS } from '../texts.ts';
import { trustedButton } from './trusted-button.ts';

/** Issues that may be about the same, each with a button that joins the ticket to it instead of making another. */
export function renderSimilar(issues: readonly SimilarIssue[], choose: (issue: string) => void): Node[] {
  if (issues.length === 0) return [];
  const items = issues.map(({ title, url, state }) => {
    const parts: Node[] = [externalLink(title, url), element('span', { class: 'quiet' }, state)];
    if (url !== null) parts.push(trustedButton(TEXTS.linkHere, () => choose(url)));
    return element('li', { class: 'row' }, ...parts);
  });
  return [element('p', {}, TEXTS.similarTitle), element('ul', { class: 'plain' }, ...items)];
}

/** A field for an issue that only the agent knows of. */
export function renderLinkField(choose: (issue: string) => void): Node {
  const field = element('input', { type: 'text', id: 'issue', autocomplete: 'off', spellcheck: 'false' });
  const link = (): void => {
    if (field.value.trim() !== '') choose(field.value.trim());
  };
  field.addEventListener('keydown', event => {
    if (event.isTrusted && event.key === 'Enter') link();
  });
  const label = element('label', { for: 'issue', class: 'quiet' }, TEXTS.linkLabel);
  const row = element('div', { class: 'row' }, field, trustedButton(TEXTS.link, link));
  return element('details', {}, element('summary', {}, TEXTS.linkOther), label, row);
}
