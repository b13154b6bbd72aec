import type { Escalation, Issue } from '../service/escalation.ts';
import { TEXTS } from '../texts.ts';

/** What is known about the ticket that is open. */
export interface Situation {
  /** How far the escalation is; null while nobody has said. */
  escalation: Escalation | null;
  /** Why nobody has said: no token or one that is not known, no answer. */
  trouble: 'token' | 'silent' | null;
  /** The press is on its way to the service. */
  sending: boolean;
}

/** What pressing does. */
export type Press = 'ask' | 'token' | 'failure' | null;

/** What the toolbar shows. */
export interface View {
  /** The button; null when there is nothing to press. */
  button: { text: string; hint: string; press: Press; busy: boolean } | null;
  /** 0 to 1 while it runs and that much is known. */
  progress: number | null;
  issue: Issue | null;
  requestedBy: string;
  warnings: readonly string[];
  /** Why it has failed. */
  failure: string;
  /** What a screen reader says when it changes. */
  announcement: string;
}

const NOTHING = { progress: null, issue: null, requestedBy: '', warnings: [], failure: '', announcement: '' } as const;

/** Trouble is never shown by itself: the button only says it when somebody asks. */
export function decideView({ escalation, trouble, sending }: Situation): View {
  if (sending) return { ...NOTHING, button: button(TEXTS.sending, TEXTS.runningHint, null, true) };
  if (escalation !== null && isKnown(escalation)) return viewOf(escalation);
  if (trouble === 'token') return { ...NOTHING, button: button(TEXTS.escalate, TEXTS.tokenHint, 'token') };
  if (trouble === 'silent') return { ...NOTHING, button: button(TEXTS.escalate, TEXTS.offlineHint, 'ask') };
  if (escalation === null) return { ...NOTHING, button: button(TEXTS.loading, TEXTS.offerHint, null, true) };
  return { ...NOTHING, button: button(TEXTS.escalate, TEXTS.offerHint, 'ask') };
}

/** An escalation that is done has an issue; an answer that shows none is none that can be shown. */
function isKnown({ state, issue }: Escalation): boolean {
  return state === 'running' || state === 'failed' || (state !== 'none' && issue !== null);
}

function viewOf({ state, done, total, step, issue, warnings, failure, requestedBy, waiting }: Escalation): View {
  const known = { ...NOTHING, issue, requestedBy };
  switch (state) {
    case 'none':
    case 'running': {
      const text = TEXTS.running(done, total);
      const progress = total > 0 ? Math.min(1, done / total) : null;
      const hint = [TEXTS.steps[step], waiting && TEXTS.waiting(waiting), TEXTS.runningHint].filter(Boolean).join('. ');
      return { ...known, button: button(text, hint, null, true), progress, announcement: TEXTS.announceRunning };
    }
    case 'failed':
      return {
        ...known,
        button: button(TEXTS.failed, TEXTS.failedHint, 'failure'),
        warnings,
        failure,
        announcement: TEXTS.announceFailed,
      };
    case 'done':
    case 'done_with_warnings':
      return { ...known, button: null, warnings, announcement: TEXTS.announceDone(issue?.reference ?? '') };
  }
}

function button(text: string, hint: string, press: Press, busy = false): NonNullable<View['button']> {
  return { text, hint, press, busy };
}
