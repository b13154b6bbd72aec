import type { Command } from 'commander';
import { print, wholeNumber } from '../options.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description('play the whole story against the built-in sandbox')
    .option('--once', 'verify the outcome and end; exit code 1 when something is missing')
    .option('--port <port>', 'port of the service on 127.0.0.1; any free one unless told', wholeNumber(0, 65_535), 0)
    .addHelpText('after', '\nExample:\n  signalbox demo --once')
    .action(run);
}

async function run(options: { once?: boolean; port: number }): Promise<void> {
  const { setStage } = await import('../demo/stage.ts');
  const { CHAPTERS } = await import('../demo/chapters.ts');
  const { describePlayed, isComplete, play, summarize } = await import('../demo/play.ts');
  const stage = await setStage({ port: options.port, chapters: CHAPTERS });
  try {
    const all = await play(CHAPTERS, stage, played => print(describePlayed(played)));
    if (!isComplete(all)) process.exitCode = 1;
    if (options.once || !isComplete(all)) for (const line of ['', ...summarize(all)]) print(line);
    if (!options.once) {
      const { gitlabUrl, freshdeskUrl, service } = stage;
      print(`Look around: GitLab (simulated) ${gitlabUrl} - Freshdesk (simulated) ${freshdeskUrl}/a/tickets/101`);
      print(`The service: ${service.url}. Ctrl-C ends it.`);
      print(`Sign in (once, within 15 minutes): ${await service.signInLink({ name: 'demo', role: 'operator' })}`);
      await new Promise<void>(resolve => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
    }
  } finally {
    await stage.close();
  }
}
