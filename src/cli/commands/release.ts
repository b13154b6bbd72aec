import { type Command, Option } from 'commander';
import { wholeNumber } from '../options.ts';

/** The options that say which service, and as whom. */
function withService(command: Command, example: string): Command {
  return command
    .option('--service <url>', 'the address of the service; else SIGNALBOX_URL, else the one that runs here')
    .option('--token-file <file>', 'holds the credential; else SIGNALBOX_TOKEN')
    .option('-c, --config <file>', 'the configuration of the service that runs here', './signalbox.yaml')
    .option('--json', 'print one JSON object')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

export function register(program: Command): void {
  const release = program
    .command('release')
    .description('send releases, see what became of them, put them on offer')
    .addHelpText('after', '\nExample:\n  signalbox release list --channels');
  const load = () => import('../release/commands.ts');
  const collect = (value: string, before: readonly string[]) => [...before, value];
  const named = (command: Command) =>
    command
      .requiredOption('--product <name>', 'the product')
      .requiredOption('--version <version>', 'the version')
      .option('--line <name>', 'its release line; the same as --field line=NAME')
      .option('--environment <name>', 'where to; the same as --field environment=NAME')
      .addOption(
        new Option('--field <name=value>', 'metadata; as often as needed').argParser(collect).default([], 'none'),
      );

  withService(
    named(
      release
        .command('push')
        .description('send a release, and stay until its script has ended')
        .argument('<file>', 'the archive'),
    )
      .option('--idempotency-key <key>', 'makes a repetition of the same job recognisable')
      .option('--no-wait', 'do not wait for the end of the script'),
    'signalbox release push build/appliance.tgz --product appliance --version 5.4.12 --line 5.4 --environment development --field commit=$CI_COMMIT_SHA',
  ).action(async (file, options) => (await import('../release/push.ts')).push(file, options));

  withService(
    named(
      release.command('preflight').description('ask at the beginning of a pipeline whether the release would be taken'),
    ),
    'signalbox release preflight --product appliance --version 5.4.12 --line 5.4 --environment development',
  ).action(async options => (await import('../release/push.ts')).preflight(options));

  const one = (name: string, description: string) =>
    release
      .command(name)
      .description(description)
      .argument('<product>', 'as in releases.products')
      .argument('<version>', 'such as 5.4.12');

  withService(
    release
      .command('list')
      .description('list the releases, newest first, or what is on offer')
      .option('--product <name>', 'of one product only')
      .option('--channels', 'what each line offers in each environment'),
    'signalbox release list --product appliance',
  ).action(async options => (await load()).list(options));

  withService(one('show', 'show what became of a release'), 'signalbox release show appliance 5.4.12 --json').action(
    async (product, version, options) => (await load()).show({ product, version }, options),
  );

  withService(
    one('log', "print what a release's script has written")
      .option('--attempt <n>', 'of this run; else the last', wholeNumber(1))
      .option('-f, --follow', 'go on until the run has ended, and exit with its fate'),
    'signalbox release log appliance 5.4.12 --follow',
  ).action(async (product, version, options) => (await load()).log({ product, version }, options));

  const change = (
    name: 'promote' | 'rollback' | 'retry' | 'yank' | 'pin' | 'unpin',
    description: string,
    example: string,
  ) => {
    const command = one(name, description);
    if (name === 'yank') command.requiredOption('--why <reason>', 'stands in the journal and on every page');
    else command.option('--why <reason>', 'stands in the journal');
    if (name === 'promote' || name === 'rollback') command.requiredOption('--environment <name>', 'where');
    if (name !== 'yank' && name !== 'pin' && name !== 'unpin')
      command.option('--no-wait', 'do not wait for the end of the run');
    withService(command, `signalbox release ${name} appliance 5.4.12${example}`).action(
      async (product, version, options) => (await load()).change(name, { product, version }, options),
    );
  };
  change(
    'promote',
    'bring a release into the next environment: the same bytes, the script run for it',
    ' --environment production',
  );
  change('rollback', 'put an older release back on offer', ' --environment production --why "5.4.13 loses data"');
  change('retry', 'run the script again after a run that failed', '');
  change('yank', 'withdraw a release: it is offered nowhere any more', ' --why "loses data"');
  change('pin', 'keep a release whatever its age', '');
  change('unpin', 'let a release go by its age again', '');
}
