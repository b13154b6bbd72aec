import type { HistoryStep } from '../../git/history.ts';

const VERSIONS = ['1.0.0', '1.0.1', '1.1.0', '1.2.0', '1.2.1', '1.3.0', '1.4.0', '1.4.1', '1.4.2'];

/** acme/lib-ssh: a Go module with an annotated tag for every release up to v1.4.2, which is the head of main. */
export function libSshHistory(extraTags: number): HistoryStep[] {
  const steps: HistoryStep[] = [];
  VERSIONS.forEach((version, index) => {
    const author = {
      name: 'Developer',
      email: 'developer@example.com',
      date: `2026-02-${String(index + 1).padStart(2, '0')}T10:00:00+01:00`,
    };
    steps.push({
      commit: index === 0 ? 'Connect over SSH\n' : `Improve the transport, step ${index}\n`,
      branch: 'main',
      author,
      files: {
        ...(index === 0
          ? { 'go.mod': 'module gitlab.example.com/acme/lib-ssh\n\ngo 1.24\n', 'README.md': '# lib-ssh\n' }
          : {}),
        'ssh.go': `package ssh\n\n// Dial opens a connection.\nfunc Dial(host string) error { return nil }\n\nconst revision = ${index}\n`,
      },
    });
    steps.push({ tag: `v${version}`, at: 'main', message: `Release ${version}\n`, tagger: author });
  });
  for (let index = 0; index < extraTags; index += 1) {
    steps.push({ tag: `build-${String(index + 1).padStart(6, '0')}`, at: 'main' });
  }
  return steps;
}
