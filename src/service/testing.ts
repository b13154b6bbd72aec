import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../config/schema.ts';
import { type Service, startService } from './compose.ts';

/** Who may do everything at the service of a test. */
export const OPERATOR = 'a-token-of-the-operator-that-is-long-enough';

/** A whole service with one automation, in a directory of its own, whose GitLab does not answer. */
export async function startSmallService(
  writeLog: (line: string) => void = () => undefined,
): Promise<{ service: Service; directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-service-'));
  const settings = settingsSchema.parse({
    service: {
      listen: '127.0.0.1:0',
      data_dir: directory,
      api_tokens: [{ name: 'ada', role: 'operator', token: { env: 'OPERATOR' } }],
    },
    gitlab: { url: 'http://127.0.0.1:9', token: { env: 'TOKEN' }, webhook: { secret_tokens: [{ env: 'HOOK' }] } },
    lines: [{ name: '5.5', branch: 'main' }],
    version_check: { projects: { 'acme/appliance': { version: [{ file: 'VERSION' }] } } },
  });
  const environment = { OPERATOR, TOKEN: 'glpat-x', HOOK: 'hook' };
  const service = await startService({ settings, environment, writeLog });
  const remove = async () => {
    await service.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { service, directory, remove };
}
