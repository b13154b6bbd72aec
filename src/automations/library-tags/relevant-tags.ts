import type { GoModule } from './module-path.ts';
import type { TagFact } from './snapshot.ts';

/** Begins like a version, with or without v: releases, pre-releases, and what people take for them. */
const VERSION_LIKE = /(?:^|\/)v?[0-9]+(?:[.\-+/]|$)/i;

/**
 * The tags that a decision can hang on. Facts are kept in the journal, and a repository may have 50,000 tags of builds: those
 * say nothing about versions, unless one is named like a module's directory, where git then can hold no other tag.
 */
export function relevantTags(tags: readonly TagFact[], modules: readonly (GoModule | null)[]): TagFact[] {
  return tags.filter(
    ({ name }) => VERSION_LIKE.test(name) || modules.some(module => `${module?.dir}/`.startsWith(`${name}/`)),
  );
}
