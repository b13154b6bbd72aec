import { describeRemote, type Remote, type RemoteOptions } from '../remote.ts';
import { createTestRepository, type TestRepository } from './git-repository.ts';
import { type ServedRepository, type ServeOptions, serveRepository } from './serve-repository.ts';

/** A fresh repository behind a real git server for the time of one test. */
export async function withServed(
  test: (context: { repository: TestRepository; remote: Remote; served: ServedRepository }) => Promise<void>,
  options: { format?: 'sha1' | 'sha256'; serve?: ServeOptions; remote?: Partial<RemoteOptions> } = {},
): Promise<void> {
  const repository = createTestRepository(options.format);
  const served = await serveRepository(`${repository.directory}/.git`, options.serve);
  const remote = describeRemote({ url: served.url, objectFormat: options.format ?? 'sha1', ...options.remote });
  try {
    await test({ repository, remote, served });
  } finally {
    await served.close();
    repository.remove();
  }
}
