import type { Automation } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { GitLab } from '../../../gitlab/client/create-gitlab.ts';
import { rememberEffect } from '../remember.ts';
import { rulesOf } from '../rules.ts';
import type { LibraryTagsSettings } from '../settings.ts';
import { type AuditAction, decideAudit } from './decide.ts';
import type { AuditFacts } from './facts.ts';
import { gatherAudit } from './gather.ts';

/** The reconciler of `library-audit:<project>`: once a night, whether all versions are what they were. */
export function libraryAudit(
  gitlab: GitLab,
  settings: LibraryTagsSettings,
  documents: Documents,
): Automation<AuditFacts, AuditAction> {
  return {
    name: 'library-tags',
    kind: 'library-audit',
    standing: true,
    gather: look => gatherAudit(look, { gitlab, documents, rules: rulesOf(settings, look.subject) }),
    decide: (facts, _memory, now) => decideAudit(facts, now),
    effect: (action, facts, look) => rememberEffect(action.summary, facts, look.signal, { gitlab, documents }),
  };
}
