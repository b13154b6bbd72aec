import { z } from 'zod';
import { duration, name, projectPath, secret } from '../../config/fields.ts';
import type { Section } from '../../config/section.ts';

const label = name.refine(text => !text.includes(','), 'must not contain a comma: GitLab has no such labels');

const count = (most: number) => z.number().multipleOf(1, 'must be a whole number').min(0).max(most);

const source = z.strictObject({
  name: name.describe('What the box, or the group of boxes, is called; reports that come with its token are its own.'),
  token: secret.describe('The token it sends as `Authorization: Bearer`.'),
});

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The settings of the race issues. */
export const racesSettings = z
  .strictObject({
    project: projectPath.describe('The project whose issues tell of the races.'),
    label: label.prefault('race condition').describe('The label of the issues. It has to exist.'),
    dependency_label: label
      .prefault('dependency')
      .describe('A second label, for races inside a library. Set only where it exists.'),
    sources: z
      .array(source)
      .superRefine(
        (sources, context) => {
          if (!Array.isArray(sources)) return;
          const names = sources.map(each => (each as { name?: unknown } | null)?.name);
          names.forEach((each, index) => {
            if (each !== undefined && names.indexOf(each) < index)
              context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is there twice' });
          });
        },
        { when: () => true },
      )
      .prefault([])
      .describe('Who may report: one entry with a token of its own for each soak box.'),
    comment: z
      .enum(['daily', 'changes'])
      .prefault('daily')
      .describe(
        'When a known race is seen again: one comment on each such day with the counts (`daily`), or only for a new build, box, variant, a regression or ten times the rate (`changes`). Never more than one a day.',
      ),
    confidential: z.boolean().prefault(false).describe('Make the issues confidential.'),
    new_issues_per_day: count(1000)
      .prefault(10)
      .describe('New issues a day. Further races are told in one digest issue of the day.'),
    baseline: z
      .strictObject({
        top: count(1000).describe('So many races become issues at once: those of most boxes and sightings.'),
        for: duration.prefault('24h').describe('How long after the first report the rest goes into the digest.'),
      })
      .optional()
      .describe(
        'For the first day on an old product: the first reports make only the most frequent races into issues.',
      ),
    reopen_within: duration
      .prefault('90d')
      .describe('A race that is back in a build with its fix reopens its issue so long; later a new one follows it.'),
    fan_out: count(100)
      .prefault(5)
      .describe('With more open issues than this on one side of a new race, it is told in the oldest of them.'),
    suppressions: z
      .union([z.string().regex(/^(?!\/)[^\0\\]{1,1024}$/, 'must be a path inside the repository'), z.literal(false)], {
        error: 'must be a path inside the repository, or false',
      })
      .prefault('.signalbox/races.yml')
      .describe('The file on the default branch that lists races not to be filed, with reason and expiry; or `false`.'),
    lookthrough: z
      .array(z.string().regex(/^\S{1,300}$/, 'must be the name of a function, with * for any characters'))
      .prefault([])
      .describe("Functions that are everybody's helper: races in them are told apart by their callers."),
    commands_role: z
      .enum(['reporter', 'developer', 'maintainer'])
      .prefault('developer')
      .describe('The lowest role whose `/signalbox merge|split|ignore|lookthrough` in a comment counts.'),
    silent_after: duration
      .prefault('36h')
      .describe('A box that was not heard of for so long is called silent: nothing seen there means nothing.'),
    time_zone: z
      .string()
      .refine(isTimeZone, 'must be a time zone such as Europe/Berlin or UTC')
      .prefault('UTC')
      .describe('Where the days of `daily` and of `new_issues_per_day` begin.'),
  })
  .describe('Keeps one issue for each data race that the soak boxes report.');

export type RacesSettings = z.output<typeof racesSettings>;

export const racesSection = {
  settings: racesSettings,
  needs: () => ['gitlab'],
} as const satisfies Section<typeof racesSettings>;
