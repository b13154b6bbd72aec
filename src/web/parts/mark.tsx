import type { ComponentChildren } from 'preact';

export type Tone = 'go' | 'caution' | 'stop' | 'run' | 'wait';

/** Each has a shape of its own, so that nobody has to tell them by colour. */
const SHAPES: Record<Tone, string> = {
  go: 'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0Z',
  caution: 'M6 0l6.4 11.5H-.4Z',
  stop: 'M.5.5h11v11H.5Z',
  run: 'M1 0l11 6L1 12Z',
  wait: 'M6 0a6 6 0 1 1 0 12A6 6 0 0 1 6 0Zm0 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
};

/** A state: shape, word, colour. */
export function Mark({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`mark tone-${tone}`}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={SHAPES[tone]} fill-rule="evenodd" />
      </svg>
      <span class="foreign">{children}</span>
    </span>
  );
}

/** How a verdict of an automation reads: what has to be acted on, what waits, what is well. */
export function verdictTone(verdict: string): Tone {
  if (/^(blocked|merged despite|failed|timed_out|interrupted|rejected|refuse|expired|broken)/.test(verdict))
    return 'stop';
  if (/switched off|cannot be seen|there is no label|say nothing|points here$/.test(verdict)) return 'stop';
  if (/^(waived|unknown|not ready|withdrawn|declined|expires)/.test(verdict)) return 'caution';
  if (/^(queued|running|receiving|verified|being merged)/.test(verdict)) return 'run';
  if (/^(stays|closed|gone|skip|deferred|contained|not there|no such)/.test(verdict)) return 'wait';
  return 'go';
}

/** The state of a release or of one of its runs. */
export function releaseTone(state: string): Tone {
  if (state === 'released') return 'go';
  if (state === 'running' || state === 'receiving' || state === 'verified') return 'run';
  if (state === 'queued') return 'wait';
  return 'stop';
}
