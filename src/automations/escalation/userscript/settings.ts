import { z } from 'zod';
import { httpUrl } from '../../../config/fields.ts';

/** The settings of the Freshdesk button, a part of those of the escalation. */
export const userscriptSettings = z
  .strictObject({
    match: z
      .array(httpUrl)
      .prefault([])
      .describe(
        'Further addresses under which agents open Freshdesk, such as https://support.example.com. That of `freshdesk` is always among them.',
      ),
  })
  .describe('The button for Freshdesk, a userscript that the service gives out at `/userscript/`.');

export type UserscriptSettings = z.output<typeof userscriptSettings>;
