import type { Automation } from '../../engine/automation.ts';
import type { RacesContext } from './context.ts';
import { nameOf, type QuietBox, quietBoxes } from './exposure.ts';
import { type BoxDocument, KIND } from './store.ts';

interface BoxesFacts {
  boxes: { name: string; lastHeardAt: number; builds: string[]; hours: number }[];
  quiet: QuietBox[];
  /** Milliseconds. */
  silentAfter: number;
}

const HOUR = 3_600_000;
/** Without any box, or with all of them silent: somebody may add one. */
const IDLE = 24 * HOUR;

/**
 * The reconciler of `race-boxes:<project>`: which boxes are silent, or run without the race detector. From those, no
 * report is no good news. It changes nothing outside; journal and `explain` tell.
 */
export function raceBoxes({ documents, settings }: RacesContext): Automation<BoxesFacts, never> {
  return {
    name: 'races',
    kind: 'race-boxes',
    standing: true,
    gather: async look => {
      const boxes = (await documents.list<BoxDocument>(KIND.box)).map(row => row.body);
      return {
        boxes: boxes.map(box => ({
          name: nameOf(box),
          lastHeardAt: box.lastHeardAt,
          builds: [...new Set(box.sessions.flatMap(session => session.build ?? []))].slice(-5),
          hours: Math.round(box.sessions.reduce((sum, each) => sum + each.endedAt - each.startedAt, 0) / HOUR),
        })),
        quiet: quietBoxes(boxes, settings, look.now()),
        silentAfter: settings.silent_after,
      };
    },
    decide: ({ boxes, quiet, silentAfter }, _memory, now) => {
      const next = boxes.map(box => box.lastHeardAt + silentAfter).filter(at => at > now);
      return {
        verdict: verdictOf(boxes.length, quiet),
        because:
          quiet.length === 0
            ? ['No box has been silent for longer than races.silent_after.']
            : quiet.map(each => `${sentence(each)}.`),
        actions: [],
        lookAgainAt: Math.min(now + IDLE, ...next),
      };
    },
    effect: () => {
      throw new Error('looking which boxes are silent changes nothing outside');
    },
  };
}

function verdictOf(heard: number, quiet: readonly QuietBox[]): string {
  const all = heard + quiet.filter(({ since }) => since === null).length;
  if (all === 0) return 'no box has been heard of';
  return quiet.length === 0 ? 'every box is heard of' : `${quiet.length} of ${all} boxes say nothing`;
}

function sentence({ box, why, since }: QuietBox): string {
  return `${box} is ${why}${since === null ? '' : ` since ${new Date(since).toISOString()}`}`;
}
