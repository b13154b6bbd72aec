import type { Command } from 'commander';
import { SignalboxError } from '../../errors.ts';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const restore = program
    .command('restore')
    .description('put a backup in the place of the data; the service must not run')
    .argument('<directory>', 'what `signalbox backup` has written')
    .option('--force', 'where there is data already: put it aside, in a directory beside the new data');
  withCommonOptions(restore, 'signalbox restore /backup/signalbox-2026-11-28').action(run);
}

async function run(source: string, options: CommonOptions & { force?: boolean }): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { artifactPlace } = await import('../../config/artifact-place.ts');
  const { restoreBackup } = await import('../backup/restore-backup.ts');
  const { settings } = await loadConfig(options.config, { environment: process.env });
  const { data_dir: dataDirectory, database } = settings.service;
  if (database !== 'sqlite') {
    const detail = 'the database is PostgreSQL: restore it with pg_restore, as docs/operations.md describes';
    throw new SignalboxError('SBX_USAGE', detail);
  }
  const artifacts = artifactPlace(settings.service);
  const { manifest, aside, artifactsAside } = await restoreBackup({
    dataDirectory,
    artifacts,
    source,
    force: options.force ?? false,
    now: Date.now,
    crashAt: process.env['SIGNALBOX_CRASH_AT'],
  });
  const { at, journal } = manifest;
  if (manifest.artifacts && 'bucket' in artifacts) {
    process.stderr.write(
      `The released files stay in ${source}: the configuration keeps them in ${artifacts.bucket}.\n`,
    );
  }
  if (options.json) {
    printJson({ data_dir: dataDirectory, at, journal, aside, artifacts_aside: artifactsAside });
    return;
  }
  print(`${dataDirectory} is as it was at ${at}; ${journal.rows} journal rows, proved`);
  for (const directory of [aside, artifactsAside])
    if (directory !== null) print(`What was there before is in ${directory}`);
  print('Next: signalbox serve. It fetches from GitLab what has happened since.');
}
