import { crashPoint } from '../../engine/crash-point.ts';
import { SignalboxError } from '../../errors.ts';
import { digestOf } from './digest.ts';
import { editNote } from './edit-note.ts';
import type { Performance } from './performance.ts';
import { sumRedactions } from './redact/describe-redactions.ts';
import type { ShownFile } from './render-comment.ts';
import { renderIssue, warningsOf } from './render-issue.ts';
import { messageShower } from './show-message.ts';
import { timeWord } from './words.ts';

/** The description as it stays: with images in their places, the table of files, and how much was copied. */
export async function describe(counts: string, performance: Performance): Promise<void> {
  const { context, domain, ticket, key, facts, look } = performance;
  const { gitlab, store, materials, mail } = context;
  const [document, material, files] = await Promise.all([
    store.read(domain, ticket),
    materials.of(ticket),
    store.files(domain, ticket),
  ]);
  if (!document?.issue || !material || !facts.ticket) return;
  const { project, iid } = document.issue;
  const shower = messageShower(context, material, files);
  const messages = (facts.messages ?? []).filter(message => message.leftOut === null);
  const [copied, body, subject] = await Promise.all([
    store.messages(domain, ticket),
    shower.textOf(0),
    mail.redact(material.ticket.subject ?? ''),
  ]);
  const inComments = [...copied].flatMap(([, { removed }]) => (removed ? [removed] : []));
  const description = renderIssue({
    key,
    ticket: facts.ticket,
    requestedBy: document.requestedBy,
    body,
    complete: {
      messages: {
        copied: messages.filter(message => copied.has(String(message.id))).length,
        all: messages.length,
        leftOut: (facts.messages ?? []).filter(message => message.leftOut === 'private').length,
      },
      files: (await shownFiles(performance)).map(file => ({ ...file, from: whereFrom(file.message, performance) })),
      removed: sumRedactions([subject.redactions, body.removed, ...inComments]),
    },
  });
  const now = await gitlab.issueTexts.find(project, iid);
  if (now === null)
    throw new SignalboxError('SBX_REMOTE_UNEXPECTED', `GitLab: ${project}#${iid} is not there any more`);
  const untouched =
    document.descriptionDigest === null || digestOf(now.description ?? '') === document.descriptionDigest;
  if (!untouched && digestOf(now.description ?? '') !== digestOf(description)) {
    const warning = 'The description was edited meanwhile and was left as it is.';
    await store.change(domain, ticket, current => ({
      described: counts,
      warnings: [...new Set([...current.warnings, warning])],
    }));
    return;
  }
  const write = { chain: look.chain, signal: look.signal };
  const edited = await gitlab.issueTexts.edit(project, iid, { description }, write);
  crashPoint('escalation:described');
  const descriptionDigest = digestOf(edited.description ?? '');
  await store.change(domain, ticket, () => ({ described: counts, descriptionDigest }));
}

/** Says that it is done, and on the ticket what could not be copied. */
export async function finish(performance: Performance): Promise<void> {
  const { context, domain, ticket, look } = performance;
  const { store, materials } = context;
  const files = await shownFiles(performance);
  const project = await context.project();
  const publicly =
    project?.visibility === 'public' && files.some(file => file.result?.state === 'copied')
      ? [`The project is public: whoever knows the address of a file can read it, although the issue is confidential.`]
      : [];
  const done = await store.change(domain, ticket, current => {
    const warnings = [...new Set([...current.warnings, ...warningsOf(files), ...publicly])];
    return {
      warnings,
      state: warnings.length === 0 ? 'done' : 'done_with_warnings',
      error: null,
      trouble: null,
      finishedAt: current.finishedAt ?? context.now(),
    };
  });
  materials.forget(ticket);
  if (done) await editNote(domain, ticket, context, look.signal);
}

async function shownFiles({
  context,
  domain,
  ticket,
  facts,
}: Performance): Promise<(ShownFile & { message: number })[]> {
  const results = await context.store.files(domain, ticket);
  return (facts.files ?? []).map(({ key, name, size, inline, message }) => ({
    name,
    size,
    inline,
    message,
    result: results.get(key) ?? null,
  }));
}

function whereFrom(message: number, { facts }: Performance): string {
  if (message === 0) return 'the ticket';
  const found = facts.messages?.find(each => each.id === message);
  return `${found?.author?.name ?? 'somebody'}, ${timeWord(found?.at ?? '')}`;
}
