import type { KeylessAccess } from '../automations/library-tags/keyless/identify-job.ts';
import { publicUrl } from '../config/public-url.ts';
import type { Settings } from '../config/schema.ts';
import { idTokenCheck } from '../gitlab/id-token/check-id-token.ts';
import { signingKeys } from '../gitlab/id-token/signing-keys.ts';

/** Whose id_tokens get tags, and how they are checked; null where the configuration has no `library_tags.keyless`. */
export function keylessOptions(settings: Settings, now: () => number): KeylessAccess | null {
  const tags = settings.library_tags;
  if (!tags?.keyless) return null;
  const { issuer, audience, ref_protected: refProtected } = tags.keyless;
  return {
    settings: tags,
    check: idTokenCheck({ keys: signingKeys(), now, refusal: 'SBX_TAG_NOT_AUTHENTIC' }),
    rule: { issuer: issuer ?? settings.gitlab?.url ?? '', audience: audience ?? publicUrl(settings), refProtected },
  };
}
