import { SignalboxError } from '../../errors.ts';
import { type GitLabApi, parseAnswer, projectId } from './gitlab-api.ts';
import { type Branch, branchSchema, commitSchema, type Tag, tagSchema } from './schemas.ts';
import { isCommitId, ShaCache } from './sha-cache.ts';

/** A file at a commit: its bytes, or why there are none. */
export type FileAnswer = { found: true; content: Buffer } | { found: false; missing: 'file' | 'commit' };

/** Larger files hold no version; GitLab answers them slowly and rarely. */
const LARGEST_FILE = 10 * 1024 * 1024;
const tooLarge = () => ({ status: 200, body: Buffer.alloc(LARGEST_FILE + 1) });

/** What is in the repository, without a clone. Answers that hang on commit ids are remembered. */
export function repositoryCalls(api: GitLabApi) {
  const cache = new ShaCache();
  const at = (project: string) => `/projects/${projectId(project)}/repository`;

  async function readFile(project: string, path: string, ref: string): Promise<FileAnswer> {
    const file = `${at(project)}/files/${encodeURIComponent(path)}/raw`;
    const answer = await api.raw(file, { ref }, [404]).catch((error: unknown) => {
      // Of an answer that is given up for its size as much is said as of any file that is too large.
      if (error instanceof SignalboxError && error.code === 'SBX_REMOTE_UNEXPECTED') return tooLarge();
      throw error;
    });
    if (answer.status === 200) return { found: true, content: answer.body.subarray(0, LARGEST_FILE + 1) };
    const text = answer.body.toString('utf8');
    if (text.includes('Project Not Found')) {
      const detail = `GitLab: project ${project} is not there, or the token may not read its repository`;
      throw new SignalboxError('SBX_REMOTE_REFUSED', detail, { remoteStatus: 404 });
    }
    return { found: false, missing: text.includes('File Not Found') ? 'file' : 'commit' };
  }

  async function mergeBase(project: string, a: string, b: string): Promise<string | null> {
    const answer = await api.raw(`${at(project)}/merge_base`, { refs: [a, b] }, [404]);
    if (answer.status === 404) return null;
    return parseAnswer(commitSchema, `${at(project)}/merge_base`, answer).id;
  }

  return {
    /**
     * A file at a commit (or branch). Right after a push GitLab may not know the commit yet: `missing: 'commit'`.
     *
     * @throws SignalboxError SBX_REMOTE_REFUSED when the project cannot be read at all
     */
    readFile: async (project: string, path: string, ref: string): Promise<FileAnswer> => {
      if (!isCommitId(ref)) return readFile(project, path, ref);
      const answer = await cache
        .get(`file ${project} ${ref} ${path}`, async () => {
          const found = await readFile(project, path, ref);
          // A commit that is not there yet may be there in a moment: a rejection is not remembered.
          if (!found.found && found.missing === 'commit') throw new NotThereYet();
          return found;
        })
        .catch((error: unknown) => {
          if (error instanceof NotThereYet) return { found: false, missing: 'commit' } as const;
          throw error;
        });
      return answer;
    },

    /** The newest common ancestor of two commits, or null where their histories are unrelated. */
    mergeBase: (project: string, a: string, b: string): Promise<string | null> => {
      if (a === b) return Promise.resolve(a);
      const [first, second] = [a, b].sort();
      const load = () => mergeBase(project, first!, second!);
      return isCommitId(a) && isCommitId(b) ? cache.get(`base ${project} ${first} ${second}`, load) : load();
    },

    findBranch: (project: string, name: string): Promise<Branch | null> =>
      api.find(branchSchema, `${at(project)}/branches/${encodeURIComponent(name)}`),

    branches: (project: string, search?: string): Promise<Branch[]> =>
      api.all(branchSchema, `${at(project)}/branches`, { search }),

    /** The `count` highest versions among the tags. */
    newestTags: async (project: string, count: number): Promise<Tag[]> => {
      const query = { order_by: 'version', sort: 'desc', per_page: count };
      return api.get(tagSchema.array(), `${at(project)}/tags`, query);
    },
  };
}

class NotThereYet extends Error {}
