import { z } from 'zod';
import { type GitLabApi, projectId } from './gitlab-api.ts';
import { type Hook, type HookEvent, hookEventSchema, hookSchema } from './schemas.ts';

/** GitLab serves at most so many events at a time. */
const EVENTS_PER_PAGE = 20;

/** Project webhooks and the log of their deliveries (17.3+; needs Maintainer). */
export function hookCalls(api: GitLabApi) {
  const at = (project: string) => `/projects/${projectId(project)}/hooks`;
  return {
    list: (project: string): Promise<Hook[]> => api.all(hookSchema, at(project)),

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

    /** Sends a test delivery; a 2xx from us re-enables a hook that GitLab has disabled. Limited to 5 a minute. */
    test: (project: string, hook: number, trigger: 'merge_requests_events' | 'push_events') =>
      api.write('POST', z.unknown(), `${at(project)}/${hook}/test/${trigger}`, {}),
  };
}
