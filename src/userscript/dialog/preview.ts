import { element } from '../page/element.ts';
import type { Preview } from '../service/escalation.ts';
import { TEXTS } from '../texts.ts';

/** What an escalation would make. Texts are shown as they are, not rendered: what counts is what leaves the ticket. */
export function renderPreview({ title, description, comments, files, warnings }: Preview): Node[] {
  const internal = comments.filter(each => each.internal).length;
  const rows: [string, Node | string][] = [
    [TEXTS.previewSubject, title],
    [TEXTS.previewMessages, TEXTS.previewCount(comments.length, internal)],
  ];
  if (files.length > 0) rows.push([TEXTS.previewFiles, element('ul', { class: 'plain' }, ...files.map(renderFile))]);
  const list = element(
    'dl',
    {},
    ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  );
  const texts = comments.map(each => (each.internal ? `[${TEXTS.previewInternal}]\n${each.body}` : each.body));
  return [
    ...warnings.map(each => element('p', { class: 'warning' }, each)),
    list,
    ...fold(TEXTS.previewDescription, [description], true),
    ...fold(TEXTS.previewComments, texts, false),
  ];
}

function renderFile({ name, size, reason }: Preview['files'][number]): Node {
  const amount = size === null ? '' : ` (${readableSize(size)})`;
  return element(
    'li',
    {},
    `${name}${amount}`,
    ...(reason === '' ? [] : [element('span', { class: 'bad' }, ` ${reason}`)]),
  );
}

function fold(title: string, texts: readonly string[], open: boolean): Node[] {
  const shown = texts.filter(each => each !== '').map(each => element('pre', { tabindex: '0' }, each));
  return shown.length === 0
    ? []
    : [element('details', open ? { open: '' } : {}, element('summary', {}, title), ...shown)];
}

function readableSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
