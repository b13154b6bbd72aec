import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { endsWith1, goesOn, isNotRun, runsBeside } from './exceptions.ts';
import type { Step } from './read-steps.ts';
import { begin, type Running, run } from './shell.ts';

/** Where a page is followed. */
export interface Place {
  /** For what a test keeps; the reader does not see it. */
  directory: string;
  cwd: string;
  environment: Record<string, string>;
  /** What a reader fills in where `signalbox init` has left a configuration. Without it the page's own is written. */
  configuration?: string;
  /** The reader's own addresses and places, in what a page says. */
  inWorld: (text: string) => string;
}

/** Does what a page says, from top to bottom, as its reader would; resolves with what went otherwise than it says. */
export async function runPage(page: string, steps: readonly Step[], place: Place): Promise<string[]> {
  const faults: string[] = [];
  const left: Running[] = [];
  let { cwd } = place;
  /** What the commands of the last block have printed. */
  let printed = { at: '', text: '' };
  let cases = '';

  function write(step: Step & { kind: 'file' }): void {
    if (step.what === 'cases') cases = step.text;
    if (step.what !== 'configuration' || place.configuration !== undefined) return;
    writeFileSync(join(cwd, 'signalbox.yaml'), place.inWorld(step.text));
  }

  function look({ at, lines }: Step & { kind: 'seen' }): void {
    const missing = lines.filter(line => !patternOf(line).test(printed.text));
    if (missing.length > 0) faults.push(`${at}: not printed: ${missing.join(' | ')}\nbut:\n${printed.text}`);
  }

  async function keepRunning(command: string, step: Step & { kind: 'command' }, ready: RegExp): Promise<void> {
    const running = await begin(command, cwd, environmentFor(step.text, place), ready);
    if (step.goesOn && !running.failed) left.push(running);
    else if (running.failed || (await running.end()) !== 0) faults.push(`${step.at}: ${command}\n${running.output()}`);
  }

  async function type(step: Step & { kind: 'command' }): Promise<void> {
    const command = place.inWorld(step.text);
    const ready = goesOn(step.text);
    if (ready) return keepRunning(command, step, ready);
    const file = / --cases (\S+)/.exec(command)?.[1];
    if (file !== undefined) writeFileSync(resolve(cwd, file), cases);
    const init = /^(?:npx )?signalbox init(?: --config (\S+))?/.exec(command);
    const config = init && resolve(cwd, init[1] ?? 'signalbox.yaml');
    if (config) rmSync(config, { force: true });
    const { output, code, ...ran } = await run(command, cwd, environmentFor(step.text, place), place.directory);
    if (config) writeFileSync(config, place.configuration ?? '{}\n');
    printed = { at: step.at, text: (printed.at === step.at ? printed.text : '') + output };
    ({ cwd } = ran);
    const prints = endsWith1(page, step.text);
    const right = prints === undefined ? code === 0 : code === 1 && output.includes(prints);
    if (!right) faults.push(`${step.at}: ${command}\nended with ${code}:\n${output}`);
  }

  try {
    for (const step of steps) {
      if (step.kind === 'file') write(step);
      else if (step.kind === 'seen') look(step);
      else if (!isNotRun(page, step.text)) await type(step);
    }
  } finally {
    for (const running of left.toReversed()) await running.end();
  }
  return faults;
}

/** Every line of what is shown has to be in what was printed; … is anything. */
function patternOf(line: string): RegExp {
  const parts = line.split('…').map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}`, 'm');
}

function environmentFor(command: string, place: Place): NodeJS.ProcessEnv {
  const beside = place.configuration === undefined ? undefined : runsBeside(command);
  if (beside === undefined) return place.environment;
  const data = join(place.directory, beside);
  mkdirSync(data, { recursive: true });
  return { ...place.environment, SIGNALBOX_DATA_DIR: data, SIGNALBOX_LISTEN: '127.0.0.1:0' };
}
