import type { Command } from 'commander';
import { type CommonOptions, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the service')
    .option('--dry-run', 'decide everything, change nothing outside');
  withCommonOptions(serve, 'signalbox serve --config /etc/signalbox/signalbox.yaml').action(run);
}

async function run(options: CommonOptions & { dryRun?: boolean }): Promise<void> {
  const { loadConfig } = await import('../../config/load-config.ts');
  const { startService } = await import('../../service/compose.ts');
  const { settings } = await loadConfig(options.config, { environment: process.env });
  const service = await startService({ settings, environment: process.env, dryRun: options.dryRun ?? false });
  await new Promise<void>(resolve => {
    const stop = () => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  });
  await service.stop();
}
