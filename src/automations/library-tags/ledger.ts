import type { Documents } from '../../engine/documents/documents.ts';

/** A tag that we made, written down before it was sent: after a crash it tells our tag from everybody else's. */
export interface OwnTag {
  name: string;
  commit: string;
  base: string | null;
  branch: string;
}

/**
 * What was ever seen of a library's tags. The first place a name was seen at is kept for ever: a deleted number stays burnt, and
 * a moved tag is noticed, which for private modules nobody else would (there is no checksum database for them).
 */
export interface Ledger {
  /** As pairs, because a tag may be called `__proto__`. */
  tags: [name: string, peeled: string][];
  own: OwnTag[];
}

/** Kept of our own tags; older ones have long had their releases and notes. */
const OWN_KEPT = 200;
const KIND = 'library';

/** By the number of the project, which survives its renaming. */
export async function readLedger(documents: Documents, projectId: number): Promise<Ledger> {
  return (await documents.read<Ledger>(KIND, String(projectId)))?.body ?? { tags: [], own: [] };
}

/** Writes down names that are new; one that is known keeps its first place. */
export async function rememberTags(
  documents: Documents,
  projectId: number,
  seen: readonly (readonly [name: string, peeled: string])[],
): Promise<void> {
  await documents.change<Ledger>(KIND, String(projectId), current => {
    const known = new Map(current?.tags);
    const before = known.size;
    for (const [name, peeled] of seen) if (!known.has(name)) known.set(name, peeled);
    return known.size === before ? null : { body: { tags: [...known], own: current?.own ?? [] } };
  });
}

/** Writes down that we are about to make a tag. */
export async function announceTag(documents: Documents, projectId: number, tag: OwnTag): Promise<void> {
  await documents.change<Ledger>(KIND, String(projectId), current => {
    const others = (current?.own ?? []).filter(each => each.name !== tag.name);
    return { body: { tags: current?.tags ?? [], own: [...others, tag].slice(-OWN_KEPT) } };
  });
}
