import { execFile } from 'node:child_process';
import { afterEach, expect, it } from 'vitest';
import { builtProgram } from '../support/program.ts';
import { type EscalationStage, setEscalationStage } from './escalation-stage.ts';

const BIN = await builtProgram();

let stage: EscalationStage;
afterEach(() => stage.close());

/** The command line as a user has it; ends with its exit code. */
function signalbox(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [BIN, ...args, '--config', stage.configFile],
      { timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
      },
    );
  });
}

it('escalates through the running service, shows before what it would make, and reads the issues again', async () => {
  stage = await setEscalationStage();
  const dry = await signalbox('escalate', '101', '--dry-run', '--json');
  expect(dry.code, dry.stderr).toBe(0);
  const preview = JSON.parse(dry.stdout);
  expect(preview).toMatchObject({ ticket_id: 101, comments: [{ internal: false }, {}, { internal: true }, {}] });
  expect(await stage.issues()).toEqual([]);

  const done = await signalbox('escalate', `${stage.sandbox.freshdesk.url}/a/tickets/101`);
  const [issue] = await stage.issues();
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout).toBe(
    `ticket 101: done with warnings, ${issue!.web_url}\n  empty.txt was not copied: it is empty.\n`,
  );
  const again = await signalbox('escalate', '101', '--json');
  expect(JSON.parse(again.stdout)).toMatchObject({ state: 'done_with_warnings', issue: { iid: issue!.iid } });
  expect(await stage.issues()).toHaveLength(1);

  const index = await signalbox('escalate', '--reindex');
  expect(index).toMatchObject({ code: 0, stdout: 'acme/appliance: 1 escalated ticket\n' });
});

it('says what is wrong with 1 for what failed and 2 for what was mistyped', async () => {
  stage = await setEscalationStage();
  const spam = await signalbox('escalate', '103');
  expect(spam).toMatchObject({
    code: 1,
    stdout: 'ticket 103: failed\n  SBX_TICKET_UNFIT: The ticket is marked as spam.\n',
  });
  expect(await signalbox('escalate', 'abc')).toMatchObject({ code: 2 });
  expect(await signalbox('escalate')).toMatchObject({ code: 2 });
});

it('escalates without a service, and the doctor looks at both sides', async () => {
  stage = await setEscalationStage();
  await stage.service().stop();
  const done = await signalbox('escalate', '106');
  expect(done.code, done.stderr).toBe(0);
  expect(done.stdout).toMatch(/^ticket 106: done, http/);
  const report = await signalbox('doctor', '--json');
  const checks = (JSON.parse(report.stdout) as { checks: { name: string; status: string; detail: string }[] }).checks;
  const of = (name: string) => checks.find(check => check.name === name);
  expect(of('freshdesk reachable')).toMatchObject({ status: 'OK' });
  expect(of('freshdesk tickets')).toMatchObject({ status: 'OK' });
  expect(of('freshdesk webhooks')).toMatchObject({ status: 'OK' });
  expect(of('acme/appliance escalation label')).toMatchObject({ status: 'OK', detail: '"freshdesk"' });
  expect(JSON.stringify(checks)).not.toContain('sandbox:X');
});
