import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { register } from '../../src/cli/commands/races.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

it('the systemd unit names options that exist, and systemd takes it where it is installed', async () => {
  const unit = join(ROOT, 'examples/systemd/signalbox-races.service');
  const command = /^ExecStart=((?:[^\\\n]|\\\n)*)$/m.exec(readFileSync(unit, 'utf8'))?.[1] ?? '';
  const words = command.replaceAll(/\\\n/g, ' ').trim().split(/\s+/).slice(1);
  const program = new Command('signalbox').exitOverride();
  register(program);
  const scan = program.commands[0]?.commands[0];
  let options: Record<string, unknown> = {};
  scan?.action((_paths: string[], given: Record<string, unknown>) => {
    options = given;
  });
  await program.parseAsync(words, { from: 'user' });
  expect(options).toMatchObject({ tokenFile: '%d/box.token', heartbeat: true, runningSince: 'appliance.service' });
  const verified = spawnSync('systemd-analyze', ['verify', unit.replace('.service', '.timer'), unit], {
    encoding: 'utf8',
  });
  if (verified.error !== undefined) {
    console.warn('NOT RUN: systemd is not installed; its own check of the units did not run.');
    return;
  }
  // The program is not installed where tests run; everything else has to be right.
  const faults = verified.stderr.split('\n').filter(line => line !== '' && !line.includes('is not executable'));
  expect(faults).toEqual([]);
});
