import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AGENT_TOKEN } from '../e2e/escalation-stage.ts';
import { type ButtonStage, setButtonStage } from './stage.ts';

describe.each([['GM_'], ['GM.']] as const)('where a manager has %s only', form => {
  let stage: ButtonStage;
  beforeAll(async () => {
    stage = await setButtonStage({ forms: [form] });
  });
  afterAll(() => stage?.close());

  it('the button takes a token by the menu, and works', async () => {
    const { managed } = stage;
    await managed.write('token', '');
    const agent = await stage.open('/a/tickets/101');
    await agent.sees('button', 'Escalate to GitLab');
    agent.page.once('dialog', dialog => void dialog.accept(AGENT_TOKEN));
    await managed.menu(agent.page, 'Set the token …');
    const kept = async () => expect(await managed.values()).toEqual({ token: AGENT_TOKEN });
    await vi.waitFor(kept, { timeout: 15_000 });
    await agent.press('button', 'Escalate to GitLab');
    await agent.press('button', 'Escalate');
    await agent.seesIssue();
    await stage.tidy();
  });
});
