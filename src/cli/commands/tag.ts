import type { Command } from 'commander';
import type { TagOptions } from '../tag/tag-command.ts';

/** Registers `signalbox tag`. What does the work is loaded when it is called: other commands' help must not wait for it. */
export function register(program: Command): void {
  program
    .command('tag')
    .description("tag the library at this pipeline's commit: the next version, with the commit's message")
    .option('--local', 'in a checkout: tag HEAD on the remote of its branch, which must have the commit')
    .option('--first <version>', 'the version of a library that has none (default: v0.0.1)')
    .option('--bump <rule>', 'patch, minor, major, conventional or keywords', 'patch')
    .option('--dotenv <file>', 'write TAG VERSION PREVIOUS_TAG TAG_CREATED TAG_REASON for later jobs')
    .option('--token-file <file>', 'instead of SIGNALBOX_GITLAB_TOKEN, GITLAB_TOKEN or CI_JOB_TOKEN')
    .option('--tagger <name-and-address>', "'Ada <ada@example.com>' instead of who started the pipeline")
    .option(
      '--late <rule>',
      'a commit that a later version contains: contained (no version) or every-commit',
      'contained',
    )
    .option('--via <ways>', 'only these ways to create the tag: push,tags,releases')
    .option('--wait <seconds>', 'how long jobs of earlier commits may go first', '2')
    .option('--dry-run', 'decide and print, change nothing; needs no right to write')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nRuns in a GitLab job without a checkout (GIT_STRATEGY: none) and without git.' +
        '\n\nExample:\n  signalbox tag --dotenv tag.env',
    )
    .action(async (options: TagOptions) => {
      const { tagCommand } = await import('../tag/tag-command.ts');
      process.exitCode = await tagCommand(options, process.env);
    });
}
