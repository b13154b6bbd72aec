import type { Command } from 'commander';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

interface VersionCheckOptions extends CommonOptions {
  dryRun?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('version-check')
    .description('look at one merge request now')
    .argument('<merge-request>', 'group/project!12, or its address')
    .option('--dry-run', 'print what would be done, change nothing');
  withCommonOptions(command, "signalbox version-check 'acme/appliance!12' --dry-run").action(run);
}

async function run(text: string, options: VersionCheckOptions): Promise<void> {
  const { lookOnce } = await import('../look-once.ts');
  const { parseMergeRequestKey } = await import('../parse-merge-request.ts');
  const key = parseMergeRequestKey(text);
  const result = await lookOnce(key, { config: options.config, dryRun: options.dryRun ?? false });
  if (options.json) {
    printJson(result);
    return;
  }
  print(`${key}: ${result.decision.verdict}`);
  for (const reason of result.decision.because) print(`  ${reason}`);
  for (const step of result.decision.plan) print(`  ${options.dryRun ? 'would' : 'did'}: ${step}`);
}
