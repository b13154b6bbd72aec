import { z } from 'zod';
import { name } from '../../config/fields.ts';
import { releaseLines } from '../../config/lines.ts';
import { projectsOf } from '../../config/projects.ts';
import type { Section } from '../../config/section.ts';
import { extractorSettings } from './extract/extractor.ts';

const GATES = ['thread', 'commit_status', 'external_status_check'] as const;

/** What goes along with a version bump in practice; the version's own files are always allowed. */
const BUMP_PATHS = [
  'CHANGELOG*',
  '**/CHANGELOG*',
  'debian/changelog',
  'package-lock.json',
  'Cargo.lock',
  'composer.lock',
  'poetry.lock',
  'uv.lock',
];

const repositoryGlob = z.string().regex(/^(?!\/)[^\0\\]{1,1024}$/, 'must be a path or glob inside the repository');

const projectSettings = z
  .strictObject({
    version: z
      .array(extractorSettings)
      .min(1, 'must list at least one place, such as { file: VERSION }')
      .describe('Where the version stands. The first place that has one counts.'),
    versions_must_agree: z
      .boolean()
      .prefault(false)
      .describe('Read every place that has a version, and treat a disagreement as an unknown version.'),
    compare: z
      .number()
      .multipleOf(1, 'must be a whole number')
      .min(1)
      .max(4)
      .prefault(2)
      .describe('How many numbers of the version make the release line: with 2, 5.3.1 belongs to 5.3.'),
    lines: releaseLines.optional().describe('The release lines of this project, if they differ from the common ones.'),
    gate: z
      .array(z.enum(GATES))
      .min(1, 'must list at least one gate')
      .prefault(['thread'])
      .describe(
        'How a mismatch holds up the merge: `thread` (needs "All threads must be resolved"), `commit_status` (needs "Pipelines must succeed"), `external_status_check` (GitLab Ultimate).',
      ),
    status_name: name.prefault('signalbox/version-check').describe('The name of the commit status.'),
    external_status_check: name
      .optional()
      .describe('The name of the external status check as it is set up in the project. Needed for that gate.'),
    override: z
      .strictObject({
        role: z
          .enum(['developer', 'maintainer', 'owner'])
          .prefault('maintainer')
          .describe('The lowest role that may waive.'),
      })
      .prefault({})
      .describe('Who may waive a mismatch, by resolving the thread or by `/signalbox allow …: reason`.'),
    on_draft: z
      .enum(['check', 'defer'])
      .prefault('check')
      .describe('Drafts: `check` them like any other, or `defer` until they are ready.'),
    unknown: z
      .enum(['note', 'block', 'ignore'])
      .prefault('note')
      .describe(
        'When a version cannot be read: say so in a `note`, `block` the merge, or `ignore` it (the journal still tells).',
      ),
    forward_merge: z.enum(['allow', 'block']).prefault('allow').describe('Merging an older line into a newer one.'),
    forward_merge_label: name
      .optional()
      .describe('A label that marks a merge request as a forward merge, whatever its branch is called.'),
    bump_paths: z
      .array(repositoryGlob)
      .prefault(BUMP_PATHS)
      .describe(
        'Files that a merge request which changes the version may change with it. The files named in `version` are always allowed.',
      ),
    exclude_files: z
      .array(repositoryGlob)
      .prefault([])
      .describe(
        "Version files that a forward merge may carry along, because a merge driver (`merge=ours`) keeps the target's own.",
      ),
  })
  .superRefine(
    (project, context) => {
      if (typeof project !== 'object' || project === null || !Array.isArray(project.gate)) return;
      if (project.gate.includes('external_status_check') && project.external_status_check === undefined)
        context.addIssue({
          code: 'custom',
          path: ['gate'],
          message: 'lists external_status_check: say which one, as external_status_check: NAME beside it',
        });
    },
    { when: () => true },
  );

/** The settings of the version check. */
export const versionCheckSettings = z
  .strictObject({
    projects: projectsOf(projectSettings).describe('The projects to look after, by their path.'),
  })
  .describe('Checks that a merge request does not carry one release line into another.');

export type VersionCheckSettings = z.output<typeof versionCheckSettings>;
export type VersionCheckProject = z.output<typeof projectSettings>;

const everyProjectHasLines = z.object({
  projects: z.record(z.string(), z.object({ lines: z.array(z.unknown()) })),
});

export const versionCheckSection = {
  settings: versionCheckSettings,
  needs: settings => (everyProjectHasLines.safeParse(settings).success ? ['gitlab'] : ['gitlab', 'lines']),
} as const satisfies Section<typeof versionCheckSettings>;
