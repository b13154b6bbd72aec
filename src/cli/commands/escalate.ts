import type { Command } from 'commander';
import type { EscalateOptions } from '../escalate/escalate-command.ts';
import { withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const command = program
    .command('escalate')
    .description('make the GitLab issue of a Freshdesk ticket, with all messages and files')
    .argument('[ticket]', 'its number, or its address')
    .option('--follow', 'add later messages, too')
    .option('--dry-run', 'print what would be made, change nothing')
    .option('--no-wait', 'do not wait for the copy to be complete')
    .option('--reindex', 'read from the issues in GitLab which tickets are escalated, after a loss of the database');
  withCommonOptions(command, 'signalbox escalate 101').action(run);
}

async function run(ticket: string | undefined, options: EscalateOptions): Promise<void> {
  const { escalateCommand } = await import('../escalate/escalate-command.ts');
  await escalateCommand(ticket, options);
}
