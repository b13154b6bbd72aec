import { element, externalLink } from '../page/element.ts';
import { createHost, type Host } from '../page/host.ts';
import { TEXTS } from '../texts.ts';
import type { View } from './decide-view.ts';
import { BUTTON_STYLES } from './styles.ts';

export interface Button {
  host: Host;
  show(view: View): void;
}

interface Pressed {
  main: () => void;
  warnings: () => void;
}

/** So many labels are shown; the rest is a number. */
const LABELS = 3;

/** The one button. Its nodes stay as long as it lives, so that progress never takes the focus away from anybody. */
export function createButton(pressed: Pressed): Button {
  const host = createHost('button', BUTTON_STYLES);
  const text = element('span');
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  const main = element('button', { type: 'button', class: 'main' }, text, bar);
  const issue = element('span', { class: 'holder' });
  const state = element('span', { class: 'state' });
  const labels = element('span', { class: 'labels' });
  const warnings = element('button', { type: 'button', class: 'warnings' });
  const announcement = element('span', { class: 'unseen', role: 'status' });
  host.root.append(element('span', { class: 'box' }, main, issue, state, labels, warnings, announcement));

  // A click that no person made is another script's.
  main.addEventListener('click', event => {
    if (event.isTrusted && main.getAttribute('aria-disabled') !== 'true') pressed.main();
  });
  warnings.addEventListener('click', event => {
    if (event.isTrusted) pressed.warnings();
  });

  let shownIssue = '';
  return {
    host,
    show: view => {
      const hadFocus = host.root.activeElement === main;
      main.hidden = view.button === null;
      main.className = view.button?.press === 'failure' ? 'main failed' : 'main';
      setAttribute(main, 'aria-disabled', String(view.button?.busy ?? false));
      setAttribute(main, 'title', view.button?.hint ?? '');
      setText(text, view.button?.text ?? '');
      bar.hidden = view.progress === null;
      bar.style.transform = `scaleX(${view.progress ?? 0})`;
      showIssue(view);
      warnings.hidden = view.warnings.length === 0 || view.button?.press === 'failure';
      setText(warnings, `⚠ ${TEXTS.warnings(view.warnings.length)}`);
      setText(announcement, view.announcement);
      if (hadFocus && main.hidden) host.root.querySelector<HTMLElement>('a')?.focus();
    },
  };

  function showIssue(view: View): void {
    const as = JSON.stringify([view.issue, view.requestedBy]);
    if (as === shownIssue) return;
    shownIssue = as;
    const found = view.issue;
    issue.hidden = state.hidden = labels.hidden = found === null;
    if (found === null) return;
    const hadFocus = issue.contains(host.root.activeElement);
    const link = externalLink(found.reference, found.url, 'issue');
    link.title = TEXTS.issueHint(found.reference, view.requestedBy);
    issue.replaceChildren(link);
    if (hadFocus) link.focus();
    setText(state, found.state);
    state.dataset['state'] = found.state;
    const shown = found.labels.slice(0, LABELS).map(name => element('span', { class: 'label', title: name }, name));
    const rest = found.labels.slice(LABELS);
    if (rest.length > 0)
      shown.push(element('span', { class: 'label', title: rest.join(', ') }, TEXTS.moreLabels(rest.length)));
    labels.replaceChildren(...shown);
  }
}

/** Only what differs is written, so that a screen reader hears changes and nothing else. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

function setAttribute(node: HTMLElement, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}
