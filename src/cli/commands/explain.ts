import type { Command } from 'commander';
import type { Explanation } from '../../engine/explain.ts';
import type { Json } from '../../engine/json.ts';
import { type CommonOptions, print, printJson, someText, withCommonOptions } from '../options.ts';

export function register(program: Command): void {
  const explain = program
    .command('explain')
    .description('say why a merge request, issue, ticket, race, release or library is as it is')
    .argument(
      '<key>',
      'a key, as in the journal and on the dashboard; or group/project!12, group/project#3, the number of a ticket, or an address of these',
      someText,
    );
  withCommonOptions(explain, "signalbox explain 'merge-request:acme/appliance!12'").action(run);
}

async function run(text: string, options: CommonOptions): Promise<void> {
  const { connect } = await import('../connect.ts');
  const { keyOf } = await import('../key-of.ts');
  const installation = await connect(options.config);
  try {
    const explanation = await installation.explain(keyOf(text, installation.settings));
    if (options.json) printJson(explanation);
    else for (const line of describeExplanation(explanation)) print(line);
  } finally {
    await installation.close();
  }
}

export function describeExplanation(explanation: Explanation): string[] {
  const { decision, effects, next } = explanation;
  const lines = [explanation.key];
  if (decision) {
    lines.push(`  verdict   ${decision.verdict} (since ${decision.since}, last looked ${decision.decided_at})`);
    for (const reason of decision.because) lines.push(`  because   ${reason}`);
  }
  for (const effect of effects) lines.push(`  effect    ${effect.at} ${effect.state}: ${effect.summary}`);
  if (next?.laid_aside) lines.push('  next      laid aside for a person; `signalbox replay` looks again');
  else lines.push(`  next      ${next?.running ? 'being looked at now' : (next?.due_at ?? 'at the next signal')}`);
  if (next?.error) lines.push(`  error     ${describeError(next.error)}`);
  lines.push(`  facts     ${JSON.stringify(explanation.facts)}`);
  return lines;
}

/** `SBX_X: what was found (2026-11-28T22:32:52.333Z)` */
function describeError(error: Json): string {
  const { code, detail, at } = error as { code?: string; detail?: string; at?: number };
  const words = [code, detail].filter(Boolean).join(': ');
  return at === undefined ? words : `${words} (${new Date(at).toISOString()})`;
}
