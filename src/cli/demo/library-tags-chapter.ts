import type { Chapter, Stage } from './chapter.ts';
import { until } from './until.ts';

const PROJECT = '/projects/acme%2Flib-ssh';
const TAG = 'v1.4.3';
const MESSAGE = 'Keep idle connections alive\n\nServers that hang up after a minute of silence lost the backup.';

interface Tag {
  name: string;
  message: string;
  /** Of the tag object; equal to the commit for a tag without a description. */
  target: string;
  commit: { id: string };
}

/** A push to a library: the next version, with the commit's message as its description. */
export const libraryTagsChapter: Chapter = {
  number: 6,
  title: 'Library tags',
  settings: () => `library_tags:
  projects: [acme/lib-*]
`,
  hooks: { 'acme/lib-ssh': ['push_events', 'tag_push_events'] },
  play: async stage => {
    const before = await listTags(stage);
    const pushed = await stage.as('maintainer', 'POST', `${PROJECT}/repository/commits`, {
      branch: 'main',
      commit_message: MESSAGE,
      actions: [{ action: 'create', file_path: 'keepalive.go', content: 'package ssh\n' }],
    });
    const { id } = pushed.body as { id: string };
    const tag = await until(async () => (await listTags(stage)).find(each => each.name === TAG) ?? null);
    const after = await listTags(stage);
    return {
      line: `a push to acme/lib-ssh: it is ${tag?.name ?? '(no tag)'}, "${tag?.message.split('\n', 1)[0] ?? ''}"`,
      claims: [
        { claim: `${TAG} is on the pushed commit`, holds: tag?.commit.id === id },
        { claim: 'its description is the message of the commit', holds: tag?.message === MESSAGE },
        { claim: 'it is an annotated tag', holds: tag !== null && tag.target !== tag.commit.id },
        { claim: 'it is the only new tag', holds: after.length === before.length + 1 },
      ],
    };
  },
};

async function listTags(stage: Stage): Promise<Tag[]> {
  const { body } = await stage.as('maintainer', 'GET', `${PROJECT}/repository/tags?per_page=100`);
  return body as Tag[];
}
