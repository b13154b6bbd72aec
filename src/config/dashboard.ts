import { z } from 'zod';
import { groupPath, httpUrl, secret } from './fields.ts';

const groups = z.array(groupPath);

const gitlabOAuth = z.strictObject({
  application_id: z
    .string({ error: 'must be the Application ID that GitLab shows, in quotes' })
    .min(1, 'must not be empty')
    .describe('The Application ID that GitLab shows.'),
  secret: secret.describe("The application's secret."),
  url: httpUrl.optional().describe('The GitLab to sign in at; that of `gitlab.url` unless told.'),
  allowed_groups: groups
    .min(1, 'must name at least one group')
    .describe('Whose members may sign in, members of a group above included.'),
  operator_groups: groups
    .optional()
    .describe('Exactly the members of these groups are operators. Without it `operator_role` decides.'),
  operator_role: z
    .enum(['developer', 'maintainer', 'owner'])
    .prefault('developer')
    .describe('From which role in an allowed group on somebody is an operator; others may only look.'),
});

/** How people get into the dashboard. */
export const dashboardSettings = z
  .strictObject({
    token: secret.optional().describe('One token for everybody; who has it is an operator.'),
    gitlab_oauth: gitlabOAuth
      .optional()
      .describe('Sign-in at GitLab, through an application that is registered there.'),
  })
  .superRefine(
    (dashboard, context) => {
      if (typeof dashboard !== 'object' || dashboard === null) return;
      if (dashboard.token === undefined && dashboard.gitlab_oauth === undefined)
        context.addIssue({ code: 'custom', message: 'must have a token, gitlab_oauth, or both' });
    },
    { when: () => true },
  );
