import type { Command } from 'commander';
import { type CommonOptions, print, printJson, withCommonOptions } from '../options.ts';

interface BoardOptions extends CommonOptions {
  dryRun?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command('board')
    .description('look at one issue now')
    .argument('<issue>', 'group/project#12, or its address')
    .option('--dry-run', 'print what would be done, change nothing');
  withCommonOptions(command, "signalbox board 'acme/appliance#1' --dry-run").action(run);
}

async function run(text: string, options: BoardOptions): Promise<void> {
  const { lookOnce } = await import('../look-once.ts');
  const { parseIssueKey } = await import('../parse-issue.ts');
  const key = parseIssueKey(text);
  const result = await lookOnce(key, { config: options.config, dryRun: options.dryRun ?? false });
  if (options.json) {
    printJson(result);
    return;
  }
  print(`${key}: ${result.decision.verdict}`);
  for (const reason of result.decision.because) print(`  ${reason}`);
  for (const step of result.decision.plan) print(`  ${options.dryRun ? 'would' : 'did'}: ${step}`);
}
