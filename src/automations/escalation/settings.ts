import { z } from 'zod';
import { name, projectPath, secret } from '../../config/fields.ts';
import type { Section } from '../../config/section.ts';
import { redactSettings } from './redact/redact-settings.ts';
import { returnSettings } from './return-path/return-settings.ts';
import { userscriptSettings } from './userscript/settings.ts';

const label = name.refine(text => !text.includes(','), 'must not contain a comma: GitLab has no such labels');

const agent = z.strictObject({
  name: name.describe('Who presses; stands in the issue and in the journal.'),
  token: secret.describe('The token that the button sends as `Authorization: Bearer`; one for each agent.'),
});

const agents = z
  .array(agent)
  .superRefine(
    (list, context) => {
      if (!Array.isArray(list)) return;
      const names = list.map(each => (each as { name?: unknown } | null)?.name);
      names.forEach((each, index) => {
        if (each !== undefined && names.indexOf(each) < index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is there twice' });
      });
    },
    { when: () => true },
  )
  .prefault([])
  .describe('Who may press the button: one entry with a token for each agent.');

const count = (least: number, most: number) => z.number().multipleOf(1, 'must be a whole number').min(least).max(most);

/** The settings of the escalation. */
export const escalationSettings = z
  .strictObject({
    project: projectPath.describe('The project whose issues are made.'),
    labels: z
      .array(label)
      .prefault(['freshdesk'])
      .describe('Labels of the issues. GitLab creates those that do not exist; `signalbox doctor` tells.'),
    confidential: z
      .boolean()
      .prefault(true)
      .describe('Make the issues confidential. Files follow the visibility of the project all the same.'),
    private_notes: z
      .enum(['internal', 'omit'])
      .prefault('internal')
      .describe("Freshdesk's private notes become internal comments, or are left out."),
    agents,
    tag: z
      .string()
      .regex(/^[^\s,][^,]{0,31}$/, 'must be a tag of at most 32 characters without a comma')
      .nullable()
      .prefault('gitlab-issue')
      .describe('A tag that escalated tickets get; null for none.'),
    link_field: z
      .string()
      .regex(/^cf_[a-z0-9_]+$/, 'must be the name of a custom field, such as cf_gitlab_issue')
      .optional()
      .describe("A text field of the ticket that gets the issue's address."),
    follow: z
      .boolean()
      .prefault(false)
      .describe('Add later messages of an escalated ticket to its issue. Each escalation may ask for it by itself.'),
    redact: redactSettings,
    return: returnSettings,
    comments: count(0, 100)
      .prefault(15)
      .describe(
        'Up to so many messages become a comment each; more are packed into few, because each comment is a mail.',
      ),
    userscript: userscriptSettings.prefault({}),
    comments_per_minute: count(1, 100_000)
      .prefault(240)
      .describe(
        'No more comments than this; GitLab takes 300 a minute from one user, unless its administrator says otherwise.',
      ),
    files_at_once: count(1, 16).prefault(4).describe('Files that are copied at the same time.'),
  })
  .describe('Makes one GitLab issue of a Freshdesk ticket, with all messages and files.');

export type EscalationSettings = z.output<typeof escalationSettings>;

export const escalationSection = {
  settings: escalationSettings,
  needs: () => ['gitlab', 'freshdesk'],
} as const satisfies Section<typeof escalationSettings>;
