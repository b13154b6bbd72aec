import { z } from 'zod';
import { name } from '../../config/fields.ts';
import { projectsOf } from '../../config/projects.ts';
import type { Section } from '../../config/section.ts';

const label = name.refine(text => !text.includes(','), 'must not contain a comma: GitLab has no such labels');

const projectSettings = z
  .strictObject({
    columns: z
      .array(label)
      .min(2, 'must list at least two columns')
      .describe('The labels that are columns, in the order of the board. An issue has at most one of them.'),
    opened: label.prefault('In Review').describe('The column while a merge request is open and no draft.'),
    draft: label.optional().describe('The column while there are only drafts. Without it, drafts move nothing.'),
    merged: label.prefault('To Test').describe('The column once its merge requests are merged.'),
    merged_by_branch: z
      .record(z.string(), label)
      .prefault({})
      .describe('Another column after a merge into that target branch, as in { release/5.3: "To Test 5.3" }.'),
    merged_when: z
      .enum(['all', 'any'])
      .prefault('all')
      .describe('With several merge requests: when `all` that were not closed are merged, or with the first of `any`.'),
    closed: z
      .enum(['previous', 'stay'])
      .prefault('previous')
      .describe('When no merge request is left: back to the column that people had left it in, or `stay`.'),
    from: z
      .array(label)
      .optional()
      .describe('The columns that an issue may be taken out of. By default all up to the one for merged.'),
    mentions: z
      .array(z.enum(['closes', 'relates', 'mentions']))
      .min(1, 'must list at least one')
      .prefault(['closes', 'relates', 'mentions'])
      .describe('Which references count: `closes` ("Closes #1"), `relates` ("Part of #1"), `mentions` (plain "#1").'),
    references: z
      .array(z.enum(['title', 'description', 'branch', 'commits']))
      .min(1, 'must list at least one')
      .prefault(['title', 'description'])
      .describe(
        'Where references are read: `branch` is the source branch (`123-fix-the-fan`), `commits` its messages.',
      ),
    reopen: z
      .boolean()
      .prefault(false)
      .describe('Whether an issue that GitLab closed by "Closes #1" at a merge is opened again, to be tested.'),
  })
  .superRefine(
    (project, context) => {
      if (!Array.isArray(project?.columns)) return;
      const used = [project.opened, project.draft, project.merged, ...Object.values(project.merged_by_branch ?? {})];
      for (const column of [...used, ...(project.from ?? [])]) {
        if (column === undefined || project.columns.includes(column)) continue;
        context.addIssue({ code: 'custom', path: ['columns'], message: `does not list ${JSON.stringify(column)}` });
      }
    },
    { when: () => true },
  );

/** The settings of the board. */
export const boardSettings = z
  .strictObject({
    projects: projectsOf(projectSettings).describe('The projects whose issues are moved, by their path.'),
  })
  .describe('Moves issues over the board as their merge requests are opened and merged.');

export type BoardSettings = z.output<typeof boardSettings>;
export type BoardProject = z.output<typeof projectSettings>;

export const boardSection = {
  settings: boardSettings,
  needs: () => ['gitlab'],
} as const satisfies Section<typeof boardSettings>;
