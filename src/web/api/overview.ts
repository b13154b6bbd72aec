import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useResource } from './resource.ts';
import type { Overview } from './types.ts';

/** What all pages know of the installation; null until it was asked. */
export const overview = signal<Overview | null>(null);

/** Keeps it up to date; called once, by the frame. */
export function useOverview(): void {
  const { data } = useResource<Overview>('/v1/overview', { live: true });
  useEffect(() => {
    if (data) overview.value = data;
  }, [data]);
}

/** Where an issue or a merge request is in GitLab: `acme/appliance#3`. */
export function gitlabLink(reference: string): string | null {
  const base = overview.value?.gitlab_url;
  const match = /^([\w./-]+)([#!])(\d+)$/.exec(reference);
  if (!base || !match) return null;
  const [, project, kind, iid] = match;
  return `${base.replace(/\/$/, '')}/${project}/-/${kind === '#' ? 'issues' : 'merge_requests'}/${iid}`;
}
