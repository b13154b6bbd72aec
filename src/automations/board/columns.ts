import { findProject } from '../../config/projects.ts';
import type { Automation, PlannedAction } from '../../engine/automation.ts';
import type { Signal } from '../../engine/intake/delivery.ts';
import type { EngineLog } from '../../engine/log.ts';
import { SignalboxError } from '../../errors.ts';
import type { GitLab } from '../../gitlab/client/create-gitlab.ts';
import { type ColumnsFacts, decideColumns } from './decide-columns.ts';
import type { BoardSettings } from './settings.ts';

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
      if (!(await gitlab.projects.find(project))) return { project, columns, missing: null };
      const titles = await gitlab.issues.labelTitles(project);
      const missing = columns.filter(column => !titles.includes(column));
      if (missing.length > 0) {
        const { code, message } = new SignalboxError('SBX_BOARD_LABEL_MISSING', missing.join(', '));
        log.warn('a column of the board has no label', { project, code, message });
      }
      return { project, columns, missing };
    },
    decide: (facts, _memory, now) => decideColumns(facts, now),
    effect: () => {
      throw new Error('labels are created by people, or by doctor --fix');
    },
  };
}

/** One key for each project with a board. */
export function boardStanding(settings: BoardSettings): Signal[] {
  return Object.keys(settings.projects).map(project => ({
    key: `board:${project}`,
    reason: 'the service has started',
  }));
}
