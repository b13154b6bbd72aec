import { element } from '../page/element.ts';
import type { Answer } from '../service/client.ts';
import { TEXTS } from '../texts.ts';
import { showDialog } from './dialog.ts';
import { paragraphs } from './paragraphs.ts';

export function tellAboutToken(isSet: boolean, enter: () => void): void {
  showDialog({
    title: TEXTS.tokenTitle,
    body: paragraphs(isSet ? TEXTS.tokenRefused : TEXTS.tokenMissing, TEXTS.tokenWhere),
    actions: [{ text: TEXTS.close }, { text: TEXTS.tokenEnter, primary: true, run: enter }],
  });
}

/** Why a press came to nothing. */
export function tellTrouble(answer: Exclude<Answer<unknown>, { kind: 'value' | 'token' }>, service: string): void {
  const body =
    answer.kind === 'refused'
      ? paragraphs(answer.title, answer.detail, answer.remedy)
      : paragraphs(answer.because === 'unreachable' ? TEXTS.offlineText(service) : TEXTS.uncertainText(service));
  const title = answer.kind === 'refused' ? TEXTS.refusedTitle : TEXTS.offlineTitle;
  showDialog({ title, body, actions: [{ text: TEXTS.close, primary: true }] });
}

export function tellFailure(failure: string, warnings: readonly string[], retry: () => void): void {
  showDialog({
    title: TEXTS.failedTitle,
    body: [...paragraphs(failure), listOf(warnings)],
    actions: [{ text: TEXTS.close }, { text: TEXTS.retry, primary: true, run: retry }],
  });
}

export function tellWarnings(warnings: readonly string[]): void {
  showDialog({
    title: TEXTS.warningsTitle,
    body: [listOf(warnings)],
    actions: [{ text: TEXTS.close, primary: true }],
  });
}

function listOf(warnings: readonly string[]): Node {
  return element('ul', {}, ...warnings.map(each => element('li', {}, each)));
}
