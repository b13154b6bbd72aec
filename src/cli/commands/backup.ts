import type { Command } from 'commander';
import { SignalboxError } from '../../errors.ts';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const backup = program
    .command('backup')
    .description('write a consistent copy of the data, while the service runs')
    .argument('<directory>', 'where to; it must not exist, or be empty')
    .option('--artifacts', 'also the released files and the logs of their runs');
  withCommonOptions(backup, 'signalbox backup /backup/signalbox-$(date +%F)').action(run);
}

async function run(target: string, options: CommonOptions & { artifacts?: boolean }): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { artifactPlace } = await import('../../config/artifact-place.ts');
  const { writeBackup } = await import('../backup/write-backup.ts');
  const { settings } = await loadConfig(options.config, { environment: process.env });
  const { data_dir: dataDirectory, database } = settings.service;
  if (database !== 'sqlite') {
    const detail = 'the database is PostgreSQL: back it up with pg_dump, as docs/operations.md describes';
    throw new SignalboxError('SBX_USAGE', detail);
  }
  const place = artifactPlace(settings.service);
  const artifacts = options.artifacts && 'directory' in place ? place.directory : null;
  if (options.artifacts && 'bucket' in place) {
    process.stderr.write(
      `The released files are in ${place.bucket} and are not copied: the storage keeps its own copies.\n`,
    );
  }
  const { at, files, journal } = await writeBackup({ dataDirectory, target, artifacts, now: Date.now });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const summary = { directory: target, at, files: files.length, bytes, artifacts: artifacts !== null, journal };
  if (options.json) printJson(summary);
  else
    print(
      `${target}: ${files.length} files, ${bytes} bytes; ${journal.rows} journal rows, proved; head ${journal.head}`,
    );
}
