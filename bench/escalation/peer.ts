/**
 * The script that such bridges usually are: one call after the other, files whole in memory, files before the issue and messages after
 * it. `node peer.ts <gitlab> <freshdesk> <ticket>`; prints what it took as JSON.
 */
interface Attachment {
  name: string;
  attachment_url: string;
}
interface Conversation {
  id: number;
  body: string;
  private: boolean;
  attachments: Attachment[];
}

const [gitlab, freshdesk, ticket] = process.argv.slice(2);
const project = `${gitlab}/api/v4/projects/acme%2Fappliance`;
const token = { 'private-token': 'glpat-sandbox-bot' };
const json = { 'content-type': 'application/json' };
const basic = { authorization: `Basic ${Buffer.from('sandbox:X').toString('base64')}` };
const before = process.memoryUsage.rss();
const began = Date.now();

async function read<T>(url: string): Promise<{ body: T; more: boolean }> {
  const answer = await fetch(url, { headers: basic });
  return { body: (await answer.json()) as T, more: (answer.headers.get('link') ?? '').includes('next') };
}

async function write<T>(url: string, headers: Record<string, string>, body: unknown): Promise<T> {
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, ...json }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function copy({ name, attachment_url: url }: Attachment): Promise<string> {
  const content = await (await fetch(url)).arrayBuffer();
  const form = new FormData();
  form.append('file', new Blob([content]), name);
  const answer = await fetch(`${project}/uploads`, { method: 'POST', headers: token, body: form });
  return ((await answer.json()) as { markdown: string }).markdown;
}

const api = `${freshdesk}/api/v2/tickets/${ticket}`;
const { body: source } = await read<{ subject: string; description_text: string; attachments: Attachment[] }>(api);
const conversations: Conversation[] = [];
for (let page = 1, more = true; more; page++) {
  const answer = await read<Conversation[]>(`${api}/conversations?per_page=100&page=${page}`);
  conversations.push(...answer.body);
  more = answer.more;
}
const links = new Map<number, string[]>();
for (const [id, files] of [
  [0, source.attachments] as const,
  ...conversations.map(each => [each.id, each.attachments] as const),
]) {
  const own: string[] = [];
  for (const file of files) own.push(await copy(file));
  links.set(id, own);
}
const issue = await write<{ iid: number; web_url: string }>(`${project}/issues`, token, {
  title: source.subject,
  description: [source.description_text, ...(links.get(0) ?? [])].join('\n\n'),
  labels: 'peer',
  confidential: true,
});
await write(`${api}/notes`, basic, { body: `Issue: <a href="${issue.web_url}">${issue.web_url}</a>`, private: true });
const linkAfter = Date.now() - began;
for (const { id, body, private: internal } of conversations) {
  const text = [body.replace(/<[^>]*>/g, ''), ...(links.get(id) ?? [])].join('\n\n');
  await write(`${project}/issues/${issue.iid}/notes`, token, { body: text, internal });
}
const took = Date.now() - began;
const growth = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ took, linkAfter, growth }));
