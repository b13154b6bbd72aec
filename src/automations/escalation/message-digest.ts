import type { Conversation } from '../../freshdesk/client/schemas.ts';
import { digestOf } from './digest.ts';

/** The same as long as the message says the same. Addresses of images are not part of it: they may be signed anew at each reading. */
export function messageDigest({ body, body_text: text }: Pick<Conversation, 'body' | 'body_text'>): string {
  return digestOf((body ?? text ?? '').replace(/\b(?:src|href)="[^"]*"/g, ''));
}
