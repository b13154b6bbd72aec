import { startPostgres } from './postgres.ts';

/** One PostgreSQL server for all tests that are run on both engines; they find it by the environment. */
export async function setup(): Promise<() => Promise<void>> {
  const server = await startPostgres();
  process.env['SIGNALBOX_TEST_POSTGRES'] = server.url;
  return () => server.remove();
}
