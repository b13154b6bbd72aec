import { z } from 'zod';
import { duration, httpUrl, name, projectPattern } from '../../config/fields.ts';
import type { Section } from '../../config/section.ts';
import { parseVersion } from './semver.ts';

const firstVersion = z.string().refine(
  text => {
    const version = parseVersion(text.startsWith('v') ? text : `v${text}`);
    return version?.pre === '' && version.build === '';
  },
  { error: 'must be a release such as v0.1.0' },
);

const labels = z.array(name);

/** What can be said for all libraries, and again for some of them. */
const rules = {
  first: firstVersion
    .optional()
    .describe('The version of a library that has none. v0.0.1 unless told, with `bump: conventional` v0.1.0.'),
  bump: z
    .enum(['patch', 'conventional', 'keywords'])
    .optional()
    .describe(
      'How far an update counts up: `patch` (the default) always by a patch; `conventional` by what the commits say (feat, fix, !); `keywords` by [minor], #major and the like. A trailer `Release: minor` or a label of the merge request raises each of them.',
    ),
  on_push: z
    .boolean()
    .optional()
    .describe('Tag when a push arrives (the default). With `false` a CI job does it, and the service only watches.'),
  release: z
    .boolean()
    .optional()
    .describe('Also make a GitLab Release, with notes from the merged merge requests. Not unless told.'),
  note: z
    .boolean()
    .optional()
    .describe('Say "shipped in v1.2.4", once, on the issues that the merge requests close. Not unless told.'),
  late: z
    .enum(['contained', 'every-commit'])
    .optional()
    .describe(
      'What becomes of a commit that a later version contains: `contained` (the default) leaves it without one.',
    ),
  unchanged: z
    .enum(['skip', 'tag'])
    .optional()
    .describe(
      'Modules of a repository in which nothing changed since their last version: `skip` (the default) or `tag`.',
    ),
  labels: z
    .strictObject({
      major: labels
        .optional()
        .describe(
          'Labels of a merge request that ask for a major version; release::major, bump::major and semver::major unless told.',
        ),
      minor: labels
        .optional()
        .describe('Labels that ask for a minor version; release::minor, bump::minor and semver::minor unless told.'),
      patch: labels
        .optional()
        .describe('Labels that ask for a patch; release::patch, bump::patch and semver::patch unless told.'),
      none: labels
        .optional()
        .describe(
          'Labels by which an update gets no version; release::none, skip release, skip tag and no release unless told.',
        ),
    })
    .optional()
    .describe('The labels of merge requests that are understood, where they are not the usual ones.'),
};

const keyless = z.strictObject({
  issuer: httpUrl.optional().describe('The `iss` that is demanded; `gitlab.url` unless told.'),
  audience: z
    .string()
    .min(1, 'must not be empty')
    .optional()
    .describe('The `aud` that is demanded; `service.public_url` unless told.'),
  ref_protected: z
    .boolean()
    .prefault(true)
    .describe(
      'Take only pipelines of protected branches. Switching it off lets everybody have tags made who may push.',
    ),
});

const tagger = z.strictObject({
  name: name.prefault('Signalbox').describe('The name that stands in the tag.'),
  email: z
    .string()
    .regex(/^[^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+$/u, 'must be an e-mail address')
    .optional()
    .describe('The address that stands in the tag; signalbox@ and the host of GitLab unless told.'),
});

/** The settings of library tags. */
export const libraryTagsSettings = z
  .strictObject({
    projects: z
      .array(projectPattern)
      .min(1, 'must name at least one project')
      .describe('The libraries: project paths, in which * stands for any characters but the slash.'),
    ...rules,
    overrides: z
      .record(z.string(), z.strictObject(rules))
      .prefault({})
      .superRefine(
        (overrides, context) => {
          for (const pattern of Object.keys(overrides ?? {})) {
            const fault = projectPattern.safeParse(pattern).error?.issues[0];
            if (fault !== undefined) context.addIssue({ code: 'custom', path: [pattern], message: fault.message });
          }
        },
        { when: () => true },
      )
      .describe(
        'Other rules for some of the libraries, by path or pattern; of several that match the last one counts.',
      ),
    consumers: z
      .strictObject({
        projects: z
          .array(projectPattern)
          .min(1, 'must name at least one project')
          .describe('The projects that use the libraries: paths, in which * stands for any characters but the slash.'),
        wait: duration
          .prefault('5m')
          .describe('How long after a tag, so that libraries that are tagged together come in one merge request.'),
      })
      .optional()
      .describe(
        'Offer new versions to the projects that require them in a go.mod, by one merge request for each branch.',
      ),
    keyless: keyless
      .optional()
      .describe('Let CI jobs have their commit tagged for an `id_token`, without any token of GitLab in the job.'),
    tagger: tagger.prefault({}).describe('Who the tags are by. Commits keep their own authors.'),
  })
  .describe("Gives each update of a library the right version, as an annotated tag with the commit's message.");

export type LibraryTagsSettings = z.output<typeof libraryTagsSettings>;

export const libraryTagsSection = {
  settings: libraryTagsSettings,
  needs: () => ['gitlab'],
} as const satisfies Section<typeof libraryTagsSettings>;
