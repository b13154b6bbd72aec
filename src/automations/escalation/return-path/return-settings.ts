import { z } from 'zod';
import { name } from '../../../config/fields.ts';

const field = z.string().regex(/^cf_[a-z0-9_]+$/, 'must be the name of a custom field, such as cf_dev_status');
const status = z.number().multipleOf(1, 'must be a whole number').min(2);

/** How the issue comes back to the ticket. */
export const returnSettings = z
  .strictObject({
    status_field: field
      .optional()
      .describe(
        'A text field of the ticket that gets how the issue stands: one of `statuses`, Open, Closed or Released.',
      ),
    statuses: z
      .array(name)
      .prefault(['To Do', 'In Development', 'In Review', 'To Test', 'Testing'])
      .describe('Labels that say how far an issue is; the last one that it has counts.'),
    closed_status: status
      .nullable()
      .prefault(2)
      .describe(
        "The ticket's status when its issue is closed (2 is Open: it is the agent's turn); null leaves it alone. Closed tickets stay closed.",
      ),
    released_in: z
      .array(name)
      .prefault(['production'])
      .describe(
        'Environments of `releases` in which a published fix sets the status again. The note tells of all environments.',
      ),
    support_notes: z
      .boolean()
      .prefault(true)
      .describe('Copy comments that begin with `support:` to the ticket, as private notes.'),
  })
  .prefault({})
  .describe(
    'What comes back to the ticket: state, milestone, merge requests and releases of the issue in our one note, always; and this.',
  );
