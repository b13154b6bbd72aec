import { createHmac } from 'node:crypto';
import type { FileRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import { time } from './time.ts';

/** An attachment with a URL that was signed this moment and dies after the account's time to live. */
export function attachment(world: World, file: FileRecord): Record<string, unknown> {
  const image = file.contentType.startsWith('image/');
  return {
    id: file.id,
    name: file.name,
    content_type: file.contentType,
    size: file.size,
    created_at: time(file.createdAt),
    updated_at: time(file.updatedAt),
    attachment_url: signedUrl(world, file, 'original'),
    ...(image ? { thumb_url: signedUrl(world, file, 'thumb') } : {}),
  };
}

function signedUrl(world: World, file: FileRecord, style: string): string {
  const path = `/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/${file.id}/${style}/${encodeURIComponent(file.name)}`;
  const date = time(world.now()).replaceAll(/[-:]/g, '');
  const scope = encodeURIComponent(`AKIASANDBOX/${date.slice(0, 8)}/eu-central-1/s3/aws4_request`);
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${scope}&X-Amz-Date=${date}&X-Amz-Expires=${world.settings.attachmentTtl}&X-Amz-SignedHeaders=host`;
  return `${world.filesUrl}${path}?${query}&X-Amz-Signature=${sign(world, `${path}?${query}`)}`;
}

export function sign(world: World, text: string): string {
  return createHmac('sha256', world.secret).update(text).digest('hex');
}

/** Where an inline image is: a JWT (HS256) without an end, which needs no sign-in. */
export function inlineUrl(world: World, file: FileRecord): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = `${part({ typ: 'JWT', alg: 'HS256' })}.${part({ id: file.id, domain: 'acme.freshdesk.com', account_id: 1 })}`;
  return `${world.filesUrl}/inline/attachment?token=${head}.${signToken(world, head)}`;
}

export function signToken(world: World, head: string): string {
  return createHmac('sha256', world.secret).update(head).digest('base64url');
}
