import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { ApiError, forbidden, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, type Handler, ok } from '../http/call.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentGroup } from '../present/group.ts';
import { presentProject } from '../present/project.ts';
import { actorOf, codeProjectOf, projectGroups, projectOf } from '../state/access.ts';
import { starsOf } from '../state/stars.ts';
import { noteableOf } from './noteables.ts';

/** Stars or unstars a project; 304 if there is nothing to change. */
export function starProject(star: boolean): Handler {
  return async call => {
    const project = projectOf(call);
    const { user } = actorOf(call);
    const stars = starsOf(project);
    if (stars.has(user.id) === star) throw new ApiError(304, undefined);
    if (star) stars.add(user.id);
    else stars.delete(user.id);
    const empty = (await project.repository.branches()).length === 0;
    return created(presentProject(call.world, project, user, { empty }));
  };
}

/** The groups above a project. */
export function listProjectGroups(call: Call): Answer {
  const project = projectOf(call);
  return offsetPage(call, projectGroups(call.world, project), group => presentGroup(call.world, group));
}

/** The whole bare repository as a tar file, for admins. */
export async function getSnapshot(call: Call): Promise<Answer> {
  const project = codeProjectOf(call);
  if (actorOf(call).user.isAdmin !== true) throw forbidden();
  const child = spawn('tar', ['-c', '-C', project.repository.path, '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new ApiError(500, { message: '500 Internal Server Error' });
  const headers = { 'content-type': 'application/x-tar', 'content-disposition': 'attachment' };
  return ok(Buffer.concat(chunks), headers);
}

/** What GitLab keeps of the sender of an issue for its spam check; admins only. */
export function getUserAgentDetail(call: Call): Answer {
  noteableOf(call, 'issue');
  if (actorOf(call).user.isAdmin !== true) throw forbidden();
  const agent = call.headers['user-agent'] ?? 'unknown';
  return ok({ user_agent: agent, ip_address: '127.0.0.1', akismet_submitted: false });
}

/** Background jobs as Sidekiq's metrics tell of them: test suites poll these until nothing is busy. */
export function getSidekiq(...parts: ('queues' | 'processes' | 'jobs')[]): Handler {
  return () => {
    const at = new Date().toISOString();
    const processes = [
      {
        hostname: hostname(),
        pid: process.pid,
        tag: 'sandbox',
        started_at: at,
        queues: ['default'],
        labels: [],
        concurrency: 1,
        busy: 0,
      },
    ];
    const all = {
      queues: { default: { backlog: 0, latency: 0 } },
      processes,
      jobs: { processed: 0, failed: 0, enqueued: 0, dead: 0 },
    };
    return ok(Object.fromEntries(parts.map(part => [part, all[part]])));
  };
}

/** 404 without a licence, which is how clients tell the Free tier. */
export function getLicense(call: Call): Answer {
  const { tier } = call.world.settings;
  if (tier === 'free') throw notFound();
  const year = new Date().getUTCFullYear();
  return ok({
    id: 1,
    plan: tier,
    created_at: `${year}-01-01T00:00:00.000Z`,
    starts_at: `${year}-01-01`,
    expires_at: `${year + 1}-01-01`,
    expired: false,
    user_limit: 100,
    active_users: [...call.world.users.values()].filter(user => user.state === 'active' && !user.bot).length,
    licensee: { Name: 'Acme' },
    add_ons: {},
  });
}

/** Things that exist in GitLab and of which the sandbox never has one. */
export function none(call: Call): Answer {
  return offsetPage(call, [], item => item);
}
