import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import { haveSchemas } from './schemas.ts';
import { validateAnswer } from './validate-answer.ts';

const PYTHON = '/usr/bin/python3';
const FOLDER = fileURLToPath(new URL('./python', import.meta.url));
const MODULES = ['test_issues', 'test_merge_requests', 'test_repository', 'test_planning'];

const installed = spawnSync(PYTHON, ['-c', 'import gitlab']).status === 0;
const how = 'python-gitlab is not installed for /usr/bin/python3: apt-get install python3-gitlab';
if (!installed) console.warn(`\n*** The tests with python-gitlab DID NOT RUN. ${how} ***\n`);

if (installed) {
  describe('python-gitlab, a client nobody here wrote, works on the sandbox unchanged', () => {
    let sandbox: Sandbox;
    const faults: string[] = [];

    beforeAll(async () => {
      sandbox = await startSandbox({
        onAnswer: ({ method, path, query, status, body }) => {
          if (haveSchemas) faults.push(...(validateAnswer(method, path + query, status, body) ?? []));
        },
      });
    });
    afterAll(() => sandbox.close());

    it.each(MODULES)(
      '%s',
      async module => {
        const env = { ...process.env, SANDBOX_URL: sandbox.gitlab.url, PYTHONDONTWRITEBYTECODE: '1' };
        const args = ['-W', 'ignore', '-m', 'unittest', '-v', module];
        const run = await promisify(execFile)(PYTHON, args, { cwd: FOLDER, env, timeout: 110_000 }).catch(
          (error: { stdout: string; stderr: string }) => error,
        );
        expect(run.stderr, run.stderr).toMatch(/^OK$/m);
        expect(run.stderr).toMatch(/^Ran [1-9]\d* tests? in /m);
      },
      120_000,
    );

    it('and every answer on the way has the shape of GitLab’s own schemas', () => {
      expect(faults).toEqual([]);
    });
  });
} else {
  it(`NOT RUN: ${how}`, () => {
    expect(process.env['CI'], how).toBeUndefined();
  });
}
