import type { Settings } from './schema.ts';

/** Where browsers, GitLab and Freshdesk reach the service: `public_url`, else the address it listens on. */
export function publicUrl({ service }: Settings): string {
  if (service.public_url !== undefined) return service.public_url;
  const { host, port } = service.listen;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where GitLab's webhooks have to be sent to; also how a hook is recognised as ours. */
export function gitlabHookUrl(settings: Settings): string {
  return `${publicUrl(settings)}/hooks/gitlab`;
}
