import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

interface View {
  state: string;
  issue: { iid: number; url: string } | null;
}

const PROJECT = '/projects/acme%2Fappliance';
const TICKET = 101;
const token = randomBytes(24).toString('base64url');

/** The button is pressed twice for ticket 101: one issue with all messages and files, links on both sides. */
export const escalationChapter: Chapter = {
  number: 4,
  title: 'Escalation',
  settings: async directory => {
    await writeFile(join(directory, 'ada'), token, { mode: 0o600 });
    return `escalation:\n  project: acme/appliance\n  agents: [ { name: Ada, token: { file: ${directory}/ada } } ]\n`;
  },
  hooks: { 'acme/appliance': ['issues_events', 'note_events'] },
  play: async stage => {
    const [first, second] = await Promise.all([press(stage), press(stage)]);
    const ended = await until(async () => {
      const view = await ask(stage, 'GET', `/v1/tickets/${TICKET}`);
      return view.body.state.startsWith('done') ? view.body : null;
    });
    const again = await press(stage);
    const issues = (await stage.as('maintainer', 'GET', `${PROJECT}/issues?labels=freshdesk`)).body as {
      iid: number;
      description: string;
    }[];
    const issue = issues[0];
    const notes = issue ? await comments(stage, issue.iid) : [];
    const conversations = (await stage.freshdesk('GET', `/tickets/${TICKET}/conversations`)) as { body: string }[];
    const links = conversations.filter(each => ended?.issue && each.body.includes(ended.issue.url));
    return {
      line: `ticket ${TICKET} was escalated twice at once: one issue (#${issue?.iid ?? '?'}) with 4 messages and 6 files, links on both sides`,
      claims: [
        {
          claim: 'of two presses one is new (202), the other is told so (200)',
          holds: first.status + second.status === 402,
        },
        {
          claim: 'pressed again, it names the same issue',
          holds: again.body.issue?.iid === issue?.iid && again.status === 200,
        },
        { claim: 'there is one issue', holds: issues.length === 1 },
        { claim: 'with every message, in order', holds: isStory(notes) },
        {
          claim: 'with every file that is not empty',
          holds: issue?.description.includes('**4/4 messages**, **6/7 files** copied.') === true,
        },
        {
          claim: 'what a mail commands is not obeyed',
          holds: ended?.issue != null && (await isOpen(stage, issue?.iid)),
        },
        { claim: 'one note on the ticket has the link', holds: links.length === 1 },
        {
          claim: 'the issue has a link to the ticket',
          holds: issue?.description.includes(`${stage.freshdeskUrl}/a/tickets/${TICKET}`) === true,
        },
      ],
    };
  },
};

/** As the button does it. */
const press = (stage: Stage) => ask(stage, 'POST', '/v1/escalations', { ticket_id: TICKET });

async function ask(
  stage: Stage,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: View }> {
  const answer = await fetch(`${stage.service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as View };
}

async function comments(stage: Stage, iid: number): Promise<string[]> {
  const answer = await stage.as('maintainer', 'GET', `${PROJECT}/issues/${iid}/notes?sort=asc`);
  const notes = answer.body as { body: string; system: boolean }[];
  return notes.filter(note => !note.system).map(note => note.body);
}

function isStory(notes: readonly string[]): boolean {
  const authors = ['Ada Byron', 'Grace Miller', 'Ada Byron', 'Linus Weber'];
  return notes.length === authors.length && authors.every((author, index) => notes[index]?.startsWith(`**${author}**`));
}

async function isOpen(stage: Stage, iid: number | undefined): Promise<boolean> {
  const answer = await stage.as('maintainer', 'GET', `${PROJECT}/issues/${iid ?? 0}`);
  return (answer.body as { state?: string }).state === 'opened';
}
