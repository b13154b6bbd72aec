import { element } from '../page/element.ts';
import type { Answer, Choice } from '../service/client.ts';
import type { Preview } from '../service/escalation.ts';
import { TEXTS } from '../texts.ts';
import { showDialog } from './dialog.ts';
import { paragraphs } from './paragraphs.ts';
import { renderPreview } from './preview.ts';
import { renderLinkField, renderSimilar } from './similar.ts';

interface Decided {
  escalate: (choice: Choice) => void;
  /** The ticket belongs to this issue. */
  link: (issue: string) => void;
}

/** Asks before a ticket is escalated, and shows what would be made of it as soon as that is known. */
export function askToEscalate(ticket: number, preview: Promise<Answer<Preview>>, decided: Decided): void {
  const follow = element('input', { type: 'checkbox', id: 'follow' });
  const link = (issue: string): void => {
    dialog.close();
    decided.link(issue);
  };
  const shown = element('div', {}, element('p', { class: 'quiet', role: 'status' }, TEXTS.askLoading));
  const dialog = showDialog({
    title: TEXTS.askTitle(ticket),
    steady: true,
    body: [shown],
    choices: [element('p', {}, follow, element('label', { for: 'follow' }, TEXTS.follow)), renderLinkField(link)],
    actions: [
      { text: TEXTS.cancel },
      { text: TEXTS.confirm, primary: true, run: () => decided.escalate(follow.checked ? { follow: true } : {}) },
    ],
  });
  void preview.then(answer => {
    if (answer.kind === 'value')
      shown.replaceChildren(...renderSimilar(answer.value.similar, link), ...renderPreview(answer.value));
    else if (answer.kind === 'refused')
      shown.replaceChildren(...paragraphs(answer.title, answer.detail, answer.remedy));
    else shown.replaceChildren(...paragraphs(TEXTS.askNoPreview));
  });
}
