import { request } from 'undici';
import { publicUrl } from '../../config/public-url.ts';
import type { Settings } from '../../config/schema.ts';
import { readControl } from '../../service/control-file.ts';
import { type Check, ok, warn } from './check.ts';
import { remedy } from './remedies.ts';

/** Whether the service runs, and can be reached where browsers, GitLab and Freshdesk look for it. */
export async function checkService(settings: Settings): Promise<Check[]> {
  const { service } = settings;
  const control = readControl(service.data_dir);
  const runs = control !== null && (await isOurs(control.url));
  const running = runs
    ? ok('service', `runs at ${control.url}`)
    : warn('service', 'does not run here', remedy('service not running'));
  if (service.public_url === undefined) {
    const detail = `not set; links and webhooks go to ${publicUrl(settings)}`;
    return [running, warn('public address', detail, remedy('no public address'))];
  }
  if (!runs) return [running];
  const answers = await isOurs(service.public_url);
  return [
    running,
    answers
      ? ok('public address', `${service.public_url} leads here`)
      : warn(
          'public address',
          `${service.public_url}/healthz does not answer from this machine`,
          remedy('public address silent'),
        ),
  ];
}

async function isOurs(url: string): Promise<boolean> {
  try {
    const answer = await request(`${url}/healthz`, { headersTimeout: 5000 });
    const body = (await answer.body.json()) as { status?: string };
    return answer.statusCode === 200 && body.status === 'ok';
  } catch {
    return false;
  }
}
