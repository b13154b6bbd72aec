import { findProject } from '../../config/projects.ts';
import type { Automation, Decision, PlannedAction } from '../../engine/automation.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { EngineLog } from '../../engine/log.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import type { BoardSettings } from './settings.ts';

/** What a look at `board:<project>` sees. */
export interface ColumnsFacts {
  project: string;
  columns: string[];
  /** Those that have no label in the project or the groups above it. */
  missing: string[];
}

/** Labels come and go seldom. */
const LOOK_AGAIN = 60 * 60_000;

/**
 * The reconciler of `board:<project>`: at the start, and now and then, whether every column has its label. Nothing is
 * created: a slip of the pen in the configuration would become a label.
 */
export function boardColumns(
  gitlab: GitLab,
  settings: BoardSettings,
  log: EngineLog,
): Automation<ColumnsFacts, PlannedAction> {
  return {
    name: 'board',
    kind: 'board',
    standing: true,
    gather: async ({ subject: project }) => {
      const found = findProject(settings.projects, project);
      if (!found) throw new SignalboxError('SBX_PROJECT_NOT_CONFIGURED', `board.projects has no ${project}`);
      const { columns } = found.settings;
      const seen = await gitlab.projects.find(project);
      // Said by the looks at its issues, and by the doctor.
      if (!seen) return { project, columns, missing: [] };
      const titles = await gitlab.issues.labelTitles(project);
      const missing = columns.filter(column => !titles.includes(column));
      if (missing.length > 0) {
        const { code, message } = new SignalboxError('SBX_BOARD_LABEL_MISSING', missing.join(', '));
        log.warn('a column of the board has no label', { project, code, message });
      }
      return { project, columns, missing };
    },
    decide: decideColumns,
    effect: () => {
      throw new Error('labels are created by people, or by doctor --fix');
    },
  };
}

export function decideColumns(facts: ColumnsFacts, _memory: unknown, now: number): Decision<PlannedAction> {
  const { columns, missing } = facts;
  const names = missing.map(column => JSON.stringify(column)).join(', ');
  return {
    verdict: missing.length === 0 ? `${columns.length} columns, a label for each` : `there is no label ${names}`,
    because: [
      `columns: ${columns.join(', ')}`,
      ...(missing.length > 0 ? ['Nothing is moved there: writing a label that does not exist would create it.'] : []),
    ],
    actions: [],
    lookAgainAt: now + LOOK_AGAIN,
  };
}

/** One key for each project with a board. */
export function boardStanding(settings: BoardSettings): Signal[] {
  return Object.keys(settings.projects).map(project => ({
    key: `board:${project}`,
    reason: 'the service has started',
  }));
}
