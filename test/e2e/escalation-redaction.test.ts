import { afterEach, expect, it } from 'vitest';
import { type EscalationStage, setEscalationStage } from './escalation-stage.ts';

let stage: EscalationStage;
afterEach(() => stage.close());

/** What files and images look like before and after they were copied is not compared. */
function textOf(body: string): string {
  return body
    .split('\n')
    .filter(line => !/^- |!?\[[^\]]*\]\(\/uploads\/|\(image: /.test(line))
    .join('\n');
}

it('secrets stay in the ticket; the issue says how many, and the preview has shown it before', async () => {
  stage = await setEscalationStage({
    settings: "  redact: { own: [ { name: share, pattern: 'nas\\d+' } ] }\n  return: { support_notes: false }",
  });
  const preview = (await stage.ask('POST', '/v1/escalations/preview', { ticket_id: 101 })).body;
  await stage.press(101);
  const { issue } = await stage.ended(101);
  const [made] = await stage.issues();
  const notes = await stage.notes(issue!.iid);
  const all = [made!.title, made!.description, ...notes.map(note => note.body)].join('\n');
  expect(all).not.toMatch(/hunter2|nas01/);
  expect(all).toContain('password: \\[password removed\\]');
  expect(notes.map(note => textOf(note.body))).toEqual(
    (preview.comments as { body: string }[]).map(comment => textOf(comment.body)),
  );
  const removed = /Removed before copying: (.*?)\./.exec(made!.description)?.[1];
  expect(removed).toMatch(/password \(1\)/);
  expect(removed).toMatch(/share \(\d+\)/);
  expect(preview.warnings).toContain(`Removed before copying: ${removed}.`);
  expect(stage.logLines.join('\n')).not.toContain('hunter2');
});
