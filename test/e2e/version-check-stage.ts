import type { Pace } from '../../src/engine/work/back-off.ts';
import { PROJECT, type Stage, setStage } from './stage.ts';

export { PROJECT } from './stage.ts';

const EVENTS = { merge_requests_events: true, push_events: true, note_events: true };

export interface Thread {
  id: string;
  notes: { id: number; body: string; resolved?: boolean; resolvable?: boolean; author: { username: string } }[];
}

/** A stage whose only automation is the version check of acme/appliance. */
export interface TestStage extends Stage {
  /** Opens a merge request of acme/appliance and returns its number. */
  open(source: string, target: string, more?: Record<string, unknown>): Promise<number>;
  /** Discussions that the bot began, oldest first. */
  ours(iid: number): Promise<Thread[]>;
}

export async function setTestStage(options: { pace?: Partial<Pace>; project?: string } = {}): Promise<TestStage> {
  const stage = await setStage({ sections: sections(options.project ?? ''), events: EVENTS, pace: options.pace });
  const me = (await stage.must('bot', 'GET', '/user')).username as string;
  return {
    ...stage,
    open: async (source, target, more = {}) => {
      const body = { source_branch: source, target_branch: target, title: `${source} into ${target}`, ...more };
      return (await stage.must('developer', 'POST', `${PROJECT}/merge_requests`, body)).iid as number;
    },
    ours: async iid => {
      const { body } = await stage.call('admin', 'GET', `${PROJECT}/merge_requests/${iid}/discussions?per_page=100`);
      return (body as Thread[]).filter(thread => thread.notes[0]?.author.username === me && isText(thread));
    },
  };
}

/** Answers to commands are replies too, but in people's own discussions; system notes are nobody's words. */
function isText(thread: Thread): boolean {
  return thread.notes[0]?.body.includes('<!-- signalbox:version-check ') === true;
}

function sections(project: string): string {
  return `lines:
  - { name: "5.5", branch: main }
  - { name: "5.4", branch: release/5.4 }
  - { name: "5.3", branch: release/5.3 }
version_check:
  projects:
    acme/appliance:
      version: [ { file: VERSION } ]
${project}`;
}
