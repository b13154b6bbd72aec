import type { Command } from 'commander';
import { print } from '../options.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description('play the whole story against the built-in sandbox')
    .option('--once', 'verify the outcome and end; exit code 1 when something is missing')
    .option('--port <port>', 'port of the service on 127.0.0.1; any free one unless told', Number, 0)
    .addHelpText('after', '\nExample:\n  signalbox demo --once')
    .action(run);
}

async function run(options: { once?: boolean; port: number }): Promise<void> {
  const { setStage } = await import('../demo/stage.ts');
  const { versionCheckChapter } = await import('../demo/version-check-chapter.ts');
  const stage = await setStage({ port: options.port });
  let missing = 0;
  try {
    for (const chapter of [versionCheckChapter]) {
      print(chapter.title);
      for (const { claim, holds } of await chapter.play(stage)) {
        print(`  ${holds ? 'ok     ' : 'MISSING'}  ${claim}`);
        if (!holds) missing++;
      }
    }
    print(missing === 0 ? 'The story came out as it should.' : `${missing} things are missing.`);
    if (!options.once) {
      print(`Look around: GitLab (simulated) ${stage.gitlabUrl} - service ${stage.service.url}. Ctrl-C ends it.`);
      await new Promise<void>(resolve => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
    }
  } finally {
    await stage.close();
  }
  if (missing > 0) process.exitCode = 1;
}
