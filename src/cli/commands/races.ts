import { type Command, Option } from 'commander';
import type { ScanCommandOptions } from '../races/scan-command-options.ts';

export function register(program: Command): void {
  const races = program
    .command('races')
    .description('find race reports in the logs of test and soak machines')
    .addHelpText('after', '\nExample:\n  signalbox races scan /var/log/app.log* --dry-run');
  races
    .command('scan')
    .description('find race reports in logs, and send them to the service')
    .argument(
      '<path...>',
      'files, folders, patterns, packed logs, the folder of a GORACE log_path; - is standard input',
    )
    .option('--service <url>', 'send what is found to the service there')
    .option('--gitlab', 'file the races from here, without a service')
    .option('--gitlab-url <url>', 'with --gitlab: where GitLab is; in a pipeline CI_SERVER_URL')
    .option('-c, --config <file>', 'with --gitlab: take GitLab and the races section from this configuration')
    .option('--token-file <file>', "holds this box's token (races.sources); else SIGNALBOX_RACES_TOKEN is taken")
    .option('--source <name>', "this box's name in races.sources; else the token says it")
    .option('--host <name>', 'the machine the logs are from; else its host name')
    .option('--run <id>', 'in a pipeline, its number: equal logs of two runs are two, those of a repeated job are one')
    .addOption(
      new Option(
        '--project <path>',
        'the project races are filed in (with --gitlab: CI_PROJECT_PATH); part of their fingerprints',
      ).default('', 'none'),
    )
    .option('--state <file>', 'what was read before; else a file in the state directory, when something is sent')
    .option('--retry-for <time>', 'how long a service that is away is waited for', '2m')
    .option('--dry-run', 'print what would be sent, send and remember nothing')
    .option('--baseline', 'send nothing and take everything that is there now as read')
    .option('--since <when>', 'only what was logged since: 2026-11-20, 2026-11-20T06:00Z, 36h, 7d')
    .option('--settle <time>', 'an unfinished report at the end of a log this young waits for the next scan', '60s')
    .option('--build <name>', 'the build that ran')
    .option('--build-from <path>', 'take the build from the Go program at this path, or from git in this folder')
    .option(
      '--build-pattern <regex>',
      "take the build from the log: the pattern's first group, last match before a report",
    )
    .option('--heartbeat', 'tell the service that this box is alive, races or not')
    .option('--running-since <what>', 'with --heartbeat: a time, a process id, a pid file, or a systemd unit')
    .option('--fail-on-race', 'exit with 1 when a race was found')
    .option('--quiet', 'print nothing but errors')
    .option('--json', 'print one JSON object')
    .option('--report <file>', 'also write the object of --json to this file')
    .addHelpText(
      'after',
      `
Without --service and --gitlab nothing is sent or remembered: it reads everything and prints the races.
Exit codes: 0 done, 1 failed (or a race was found, with --fail-on-race), 2 wrong usage.

Examples:
  signalbox races scan /var/log/app.log* --json
  signalbox races scan /var/log/app --gitlab --gitlab-url https://gitlab.example.com --project acme/appliance --dry-run
  signalbox races scan /var/log/app --service https://signalbox.example.com --token-file /etc/signalbox/box.token`,
    )
    .action(run);
}

async function run(paths: string[], options: ScanCommandOptions): Promise<void> {
  const { scanCommand } = await import('../races/scan-command.ts');
  process.exitCode = await scanCommand(paths, options, process.env);
}
