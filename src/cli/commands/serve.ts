import type { Command } from 'commander';
import type { Service } from '../../service/compose.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the service; SIGHUP reads the configuration again, SIGUSR2 switches debug lines on and off')
    .option('--dry-run', 'decide everything, change nothing outside');
  withCommonOptions(serve, 'signalbox serve --config /etc/signalbox/signalbox.yaml').action(run);
}

async function run(options: CommonOptions & { dryRun?: boolean }): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { startService } = await import('../../service/compose.ts');
  let service: Service | undefined;
  // A log that cannot be written, to a full disk for instance, must not end the service.
  process.stderr.on('error', () => undefined);
  // Before anything else: without a handler, a signal that comes early would end the process.
  const load = async () => (await loadConfig(options.config, { environment: process.env })).settings;
  process.on('SIGHUP', () => void service?.reload(load));
  process.on('SIGUSR2', () => service && toggleDebug(service));
  const told = new Promise<void>(resolve => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  service = await startService({ settings: await load(), environment: process.env, dryRun: options.dryRun ?? false });
  await told;
  await service.stop();
}

let usual: string | undefined;

function toggleDebug({ log }: Service): void {
  if (usual === undefined) {
    usual = log.level;
    log.level = 'debug';
  } else {
    log.level = usual;
    usual = undefined;
  }
  log.info('the log level was changed', { level: log.level });
}
