import { z } from 'zod';
import { name } from '../../config/fields.ts';
import { projectsOf } from '../../config/projects.ts';
import type { Section } from '../../config/section.ts';

const label = name.refine(text => !text.includes(','), 'must not contain a comma: GitLab has no such labels');

const closed = z.enum(['previous', 'stay']);

const UNLESS_TOLD = { draft: undefined, opened: 'In Review', merged: 'To Test', closed: 'previous' } as const;

/** The four rules under one key, for who would rather have them together. */
const move = z.strictObject({
  draft: label.optional().describe('As `draft` beside it.'),
  opened: label.optional().describe('As `opened` beside it.'),
  merged: label.optional().describe('As `merged` beside it.'),
  closed: closed.optional().describe('As `closed` beside it.'),
});

const projectSettings = z
  .strictObject({
    columns: z
      .array(label)
      .min(2, 'must list at least two columns')
      .describe('The labels that are columns, in the order of the board. An issue has at most one of them.'),
    opened: label.prefault(UNLESS_TOLD.opened).describe('The column while a merge request is open and no draft.'),
    draft: label.optional().describe('The column while there are only drafts. Without it, drafts move nothing.'),
    merged: label.prefault(UNLESS_TOLD.merged).describe('The column once its merge requests are merged.'),
    move: move
      .optional()
      .describe('Four of these in one place; what is said here counts instead of the field of that name.'),
    merged_by_branch: z
      .record(z.string(), label)
      .prefault({})
      .describe('Another column after a merge into that target branch, as in { release/5.3: "To Test 5.3" }.'),
    merged_when: z
      .enum(['all', 'any'])
      .prefault('all')
      .describe('With several merge requests: when `all` that were not closed are merged, or with the first of `any`.'),
    closed: closed
      .prefault(UNLESS_TOLD.closed)
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
      for (const rule of Object.keys(project?.move ?? {}) as (keyof typeof UNLESS_TOLD)[]) {
        const beside = project[rule];
        if ([undefined, project.move?.[rule], UNLESS_TOLD[rule]].includes(beside)) continue;
        context.addIssue({ code: 'custom', path: [rule], message: 'is in `move`, too, and says otherwise there' });
      }
      if (!Array.isArray(project?.columns)) return;
      const { opened, draft, merged } = { ...project, ...project.move };
      const used = [opened, draft, merged, ...Object.values(project.merged_by_branch ?? {})];
      for (const column of [...used, ...(project.from ?? [])]) {
        if (column === undefined || project.columns.includes(column)) continue;
        context.addIssue({ code: 'custom', path: ['columns'], message: `does not list ${JSON.stringify(column)}` });
      }
    },
    { when: () => true },
  )
  .transform(({ move: together, ...rest }) => ({
    ...rest,
    draft: together?.draft ?? rest.draft,
    opened: together?.opened ?? rest.opened,
    merged: together?.merged ?? rest.merged,
    closed: together?.closed ?? rest.closed,
  }));

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
