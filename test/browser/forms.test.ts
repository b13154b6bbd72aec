import { afterEach, expect, it, vi } from 'vitest';
import { AGENT_TOKEN } from '../e2e/escalation-stage.ts';
import { type ButtonStage, setButtonStage } from './stage.ts';

let stage: ButtonStage | undefined;
afterEach(() => stage?.close());

it.each([['GM_'], ['GM.']] as const)('works where a manager has %s only', async form => {
  stage = await setButtonStage({ forms: [form] });
  await stage.managed.write('token', '');
  const agent = await stage.open('/a/tickets/101');
  await agent.sees('button', 'Escalate to GitLab');
  agent.page.once('dialog', dialog => void dialog.accept(AGENT_TOKEN));
  await stage.managed.menu(agent.page, 'Set the token …');
  const { managed } = stage;
  await vi.waitFor(async () => expect(await managed.values()).toEqual({ token: AGENT_TOKEN }));
  await agent.press('button', 'Escalate to GitLab');
  await agent.press('button', 'Escalate');
  await agent.seesIssue();
  await stage.tidy();
});
