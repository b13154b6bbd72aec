import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';
import { type Hook, type HookEvent, hookEventSchema, hookSchema } from './schemas.ts';

/** The switches of a webhook that we care about. */
export type HookEventName =
  | 'merge_requests_events'
  | 'push_events'
  | 'tag_push_events'
  | 'note_events'
  | 'issues_events'
  | 'confidential_issues_events';

/** `signing_token` from GitLab 19 on, `token` everywhere. */
export type HookSecret = { token: string } | { signing_token: string };

/** GitLab serves at most so many events at a time. */
const EVENTS_PER_PAGE = 20;

/** Project webhooks and the log of their deliveries (17.3+; needs Maintainer). */
export function hookCalls(api: GitLabApi) {
  const at = (project: string) => `/projects/${projectId(project)}/hooks`;
  return {
    list: (project: string): Promise<Hook[]> => api.all(hookSchema, at(project)),

    /** Of a group (Premium), or of the whole instance (`null`); null where the token may not look. */
    above: async (group: string | null): Promise<Hook[] | null> => {
      const path = group === null ? '/hooks' : `/groups/${encodeURIComponent(group)}/hooks`;
      const probe = await api.raw(path, { per_page: 1 }, [401, 403, 404]);
      // On the Free tier there is no such address: a group has no hooks.
      if (probe.status !== 200) return probe.status === 404 && group !== null ? [] : null;
      return api.all(hookSchema, path);
    },

    /**
     * The deliveries that failed, newest first, with their payloads, up to and without the one called `until`.
     * `server_failure` covers time-outs and refused connections too. Null where this GitLab keeps no such log.
     */
    failedEvents: async (project: string, hook: number, until: number | null): Promise<HookEvent[] | null> => {
      const path = `${at(project)}/${hook}/events`;
      const probe = await api.raw(path, { per_page: 1 }, [404]);
      if (probe.status === 404) return null;
      const events: HookEvent[] = [];
      for (const status of ['server_failure', 'client_failure']) {
        for await (const page of api.pages(hookEventSchema, path, { status, per_page: EVENTS_PER_PAGE })) {
          const wanted = page.filter(event => until === null || event.id > until);
          events.push(...wanted);
          if (wanted.length < page.length) break;
        }
      }
      return events.sort((a, b) => b.id - a.id);
    },

    /** With the secret by which we recognise what it sends; GitLab never shows that again. */
    create: (
      project: string,
      hook: { url: string; name?: string } & HookSecret & Partial<Record<HookEventName, boolean>>,
    ) => api.write('POST', hookSchema, at(project), { push_events: false, ...hook }),

    /** Leaves what is not named as it is. */
    edit: (project: string, hook: Hook, events: Partial<Record<HookEventName, boolean>>) =>
      api.write('PUT', hookSchema, `${at(project)}/${hook.id}`, { url: hook.url, ...events }),

    /** Sends a test delivery; a 2xx from us re-enables a hook that GitLab has disabled. Limited to 5 a minute. */
    test: (project: string, hook: number, trigger: 'merge_requests_events' | 'push_events') =>
      api.write('POST', z.unknown(), `${at(project)}/${hook}/test/${trigger}`, {}),
  };
}
