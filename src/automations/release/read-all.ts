import type { Documents, StoredDocument } from '../../engine/documents/documents.ts';

const PAGE = 500;

/** All documents whose id begins with `prefix`, in the order of their ids. */
export async function readAll<Body>(
  documents: Documents,
  kind: string,
  prefix: string,
): Promise<StoredDocument<Body>[]> {
  const all: StoredDocument<Body>[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await documents.list<Body>(kind, { prefix, limit: PAGE, ...(after === undefined ? {} : { after }) });
    all.push(...page);
    if (page.length < PAGE) return all;
    after = page.at(-1)?.id;
  }
}
