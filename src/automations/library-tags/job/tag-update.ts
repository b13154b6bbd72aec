import { isUncertain, SignalboxError } from '../../../errors.ts';
import type { Remote } from '../../../git-protocol/remote.ts';
import type { TagContent, Tagger } from '../../../git-protocol/tag-object.ts';
import { renderTagMessage } from '../render.ts';
import { decideUpdate, type ModuleDecision, type UpdateQuery } from './decide-update.ts';
import { type Pace, startPatience } from './patience.ts';
import { predecessorsOf } from './predecessors.ts';
import { findTag } from './read-refs.ts';
import { readUpdate } from './read-update.ts';
import { ownTagId, type Way } from './ways.ts';

export interface TagJob extends Omit<UpdateQuery, 'retry' | 'known' | 'placed'> {
  /** Where everything is read. */
  remote: Remote;
  /** Tried in this order; none: nothing is created, and the decision alone is given (a dry run). */
  ways: readonly Way[];
  tagger: Tagger;
  pace: Pace;
  /** Milliseconds to let the jobs of earlier commits go first, for as long as they get on. */
  wait: number;
  /** What happened on the way, one line each. */
  note: (line: string) => void;
}

export interface TaggedModule extends Pick<ModuleDecision, 'module' | 'decision'> {
  /** Whether this run made the tag; false for one that was there, and in a dry run. */
  created: boolean;
  /** By which way. */
  way: Way | null;
}

export interface Refusal {
  way: Way;
  tag: string;
  words: string;
  status: number | null;
  /** Whether a rule forbids this tag, as against a way that is closed to the token. */
  byRule: boolean;
}

export type TagResult = { kind: 'done'; modules: TaggedModule[] } | { kind: 'refused'; refusals: Refusal[] };

/**
 * Reads, decides, creates what is missing and looks whether it is there, again and again until nothing is missing. So every
 * disturbance ends well in the same way: a number taken by a faster job, an answer that was lost after the tag was made,
 * a job that was killed and started anew.
 *
 * @throws SignalboxError SBX_TAG_CONTESTED after too many tries; SBX_REMOTE_… when the other side does not recover
 */
export async function tagUpdate(job: TagJob): Promise<TagResult> {
  const patience = startPatience(job.pace, { waits: ({ detail }) => job.note(`${detail}; trying again`) });
  const query: UpdateQuery = { ...job, retry: patience.retry, known: new Map() };
  // Awaited a little later, beside the list of tags; until then a failure is nobody's yet.
  const update = readUpdate(job.remote, job.commit, query);
  update.catch(() => undefined);
  const finished = new Map<string, Round>();
  const politely = startWaiting(job);
  for (;;) {
    const modules = await decideUpdate(job.remote, update, query);
    const results: Round[] = modules.map(
      module => finished.get(keyOf(module)) ?? { ...module, created: false, way: null },
    );
    const open = results.filter(({ decision, created }) => decision.action === 'create' && !created);
    const next = open[0];
    if (!next || job.ways.length === 0) return { kind: 'done', modules: results };
    query.placed = true;
    if (await politely(next)) continue;

    const tag = contentOf(next, job.tagger);
    const written = await writeTag(job, tag);
    if (written.kind === 'refused') return written;
    const there = await patience.retry(() => findTag(job.remote, tag.name, job.signal));
    if (there?.peeled === job.commit) {
      const mine = isOurs(written, there.oid, ownTagId(job.remote, tag));
      finished.set(keyOf(next), mine ? { ...next, created: true, way: written.way } : asFound(next));
      if (open.length > 1) continue;
      return { kind: 'done', modules: results.map(result => finished.get(keyOf(result)) ?? result) };
    }
    const where = there ? `is on ${there.peeled.slice(0, 10)}` : 'is not there';
    const why = `${tag.name} ${where} (${written.kind === 'open' ? written.words : 'after it was created'})`;
    job.note(`${why}; looking again`);
    if (there) await patience.conflict();
    else await patience.fault(new SignalboxError('SBX_TAG_CONTESTED', why));
  }
}

type Round = ModuleDecision & TaggedModule;

/** A commit has one module in each directory. */
function keyOf({ module }: ModuleDecision): string {
  return module?.dir ?? '';
}

/** Another run made the tag that this one was about to make, on the same commit: it exists, and that is what was wanted. */
function asFound(module: ModuleDecision): Round {
  const { tag, commit } = module.decision;
  const reasons = [`the commit ${commit.slice(0, 10)} got ${tag} from another job meanwhile`];
  return { ...module, decision: { ...module.decision, action: 'exists', reasons }, created: false, way: null };
}

function contentOf({ snapshot, decision }: ModuleDecision, tagger: Tagger): TagContent {
  const name = decision.tag ?? '';
  const own = snapshot.commits.find(({ oid }) => oid === snapshot.commit);
  const commit = { message: snapshot.commitMessage, parents: own?.parents ?? [] };
  const message = renderTagMessage(name, commit, snapshot.mergeRequest ?? null);
  return { commit: snapshot.commit, name, tagger, message };
}

type Written =
  | { kind: 'created'; way: Way }
  | { kind: 'open'; way: Way; words: string; unanswered: boolean }
  | { kind: 'refused'; refusals: Refusal[] };

/**
 * Whether the tag that is there now is of this run. A pushed one has our tagger and second in it; GitLab makes one of its own,
 * which was not there before the call whose answer was lost.
 */
function isOurs(written: Exclude<Written, { kind: 'refused' }>, found: string, pushed: string): boolean {
  if (written.kind === 'created' || found === pushed) return true;
  return written.unanswered && written.way.name !== 'push';
}

/** Tries the ways one after the other, until one of them has an answer that is about the tag and not about the token. */
async function writeTag(job: TagJob, tag: TagContent): Promise<Written> {
  const refusals: Refusal[] = [];
  for (const way of job.ways) {
    try {
      const result = await way.create(tag);
      if (result.outcome === 'created') return { kind: 'created', way };
      const { words, status } = result;
      if (result.outcome === 'taken' || result.outcome === 'failed')
        return { kind: 'open', way, words, unanswered: false };
      refusals.push({ way, tag: tag.name, words, status, byRule: result.outcome === 'forbidden' });
      if (result.outcome === 'forbidden') return { kind: 'refused', refusals };
      job.note(`${way.title}: ${words}`);
    } catch (error) {
      if (!(error instanceof SignalboxError)) throw error;
      return { kind: 'open', way, words: error.detail, unanswered: isUncertain(error) };
    }
  }
  return { kind: 'refused', refusals };
}

/**
 * Lets the jobs of earlier commits go first: two pipelines that run at once are to give the older commit the lower number, for
 * when the newer one has its tag first, the older is contained in it and gets none. Waits only as long as they get on.
 */
function startWaiting(job: TagJob): (next: ModuleDecision) => Promise<boolean> {
  const step = 200;
  let left = job.wait;
  let last = '';
  return async ({ snapshot, decision }) => {
    if (decision.base !== last) left = job.wait;
    last = decision.base ?? '';
    const before = predecessorsOf(snapshot, decision);
    if (before === 0 || left <= 0) return false;
    if (left === job.wait) job.note(`${before} earlier commits have no version yet; their jobs go first`);
    left -= step;
    await job.pace.sleep(Math.min(step, job.wait));
    return true;
  };
}
