import { externalLink } from '../page/element.ts';
import { createHost } from '../page/host.ts';
import { isOnDark } from '../page/theme.ts';
import type { Escalation } from '../service/escalation.ts';
import { TEXTS } from '../texts.ts';
import { BADGE_STYLES } from './styles.ts';

/** What a badge says; null for a ticket that needs none. */
export function badgeOf({
  state,
  issue,
  done,
  total,
}: Escalation): { text: string; hint: string; kind: string } | null {
  switch (state) {
    case 'none':
      return null;
    case 'running':
      return { text: TEXTS.running(done, total), hint: TEXTS.badgeRunning, kind: 'running' };
    case 'failed':
      return { text: '!', hint: TEXTS.badgeFailed, kind: 'failed' };
    case 'done':
    case 'done_with_warnings': {
      if (issue === null) return null;
      const text = issue.reference.slice(issue.reference.lastIndexOf('#'));
      return { text, hint: TEXTS.badge(issue.reference, issue.state), kind: issue.state };
    }
  }
}

/** Makes the badge of a ticket, to be put behind its link. */
export function createBadge(escalation: Escalation, behind: Element): HTMLElement | null {
  const badge = badgeOf(escalation);
  if (badge === null) return null;
  const { node, root } = createHost('badge', BADGE_STYLES);
  const link = externalLink(badge.text, escalation.issue?.url ?? null, 'badge');
  link.classList.add(...(/^[a-z]+$/.test(badge.kind) ? [badge.kind] : []));
  link.title = badge.hint;
  link.setAttribute('aria-label', badge.hint);
  if (link.tagName === 'SPAN') link.setAttribute('role', 'img');
  root.append(link);
  node.toggleAttribute('data-dark', isOnDark(behind));
  return node;
}
