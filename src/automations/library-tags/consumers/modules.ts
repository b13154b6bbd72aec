import type { Documents } from '../../../engine/documents/documents.ts';

/** Where a module lives, known since the service first tagged it. */
export interface KnownModule {
  /** The module path. */
  path: string;
  project: string;
  projectId: number;
  /** Of its tags, `''` or `sub/`. */
  prefix: string;
  dir: string;
}

const KIND = 'library-module';

export async function rememberModule(documents: Documents, module: KnownModule): Promise<void> {
  await documents.change<KnownModule>(KIND, module.path, current =>
    JSON.stringify(current) === JSON.stringify(module) ? null : { body: module },
  );
}

/** All of them, by path. */
export async function knownModules(documents: Documents): Promise<Map<string, KnownModule>> {
  const known = new Map<string, KnownModule>();
  for (let after: string | undefined; ; ) {
    const page = await documents.list<KnownModule>(KIND, after === undefined ? {} : { after });
    for (const { id, body } of page) known.set(id, body);
    if (page.length === 0) return known;
    after = page.at(-1)?.id;
  }
}
