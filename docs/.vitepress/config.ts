import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

/** The site of the documentation: `npm run docs:site` builds it into dist/docs. The pages are readable as they are, too. */
const DOCS = fileURLToPath(new URL('../', import.meta.url));
const REPOSITORY = process.env['DOCS_REPOSITORY'] ?? 'https://gitlab.example.com/acme/signalbox/-/blob/main';

function pages(...names: [string, string][]): { text: string; link: string }[] {
  for (const [, name] of names) if (!existsSync(`${DOCS}${name}.md`)) throw new Error(`docs/${name}.md is missing`);
  return names.map(([text, name]) => ({ text, link: name === 'README' ? '/' : `/${name}` }));
}

/** As GitLab names the anchors of headings, so that links work in both. */
function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

export default defineConfig({
  title: 'Signalbox',
  description: 'Releases, escalations, version checks, boards, races and library tags',
  srcDir: '.',
  outDir: '../dist/docs',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: false,
  rewrites: { 'README.md': 'index.md', 'adr/README.md': 'adr/index.md' },
  // A link to a file of the project that is no page leads into the repository.
  markdown: {
    anchor: { slugify },
    config: markdown => {
      // What looks like a template in a text is none.
      const code = markdown.renderer.rules['code_inline'];
      markdown.renderer.rules['code_inline'] = (tokens, at, ...rest) => {
        tokens[at]?.attrSet('v-pre', '');
        return code?.(tokens, at, ...rest) ?? '';
      };
      const before = markdown.renderer.rules['link_open'];
      markdown.renderer.rules['link_open'] = (tokens, at, options, environment, self) => {
        const href = tokens[at]?.attrGet('href') ?? '';
        const outside = /^(?:\.\.\/)+([^#]+)(#.*)?$/.exec(href);
        const path = (environment as { relativePath?: string }).relativePath ?? '';
        const levels = path.split('/').length;
        if (outside && (href.match(/\.\.\//g)?.length ?? 0) >= levels) {
          tokens[at]?.attrSet('href', `${REPOSITORY}/${outside[1]}${outside[2] ?? ''}`);
        } else tokens[at]?.attrSet('href', href.replace(/(^|\/)README\.md/, '$1index.md'));
        return before ? before(tokens, at, options, environment, self) : self.renderToken(tokens, at, options);
      };
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      { text: 'Begin', items: pages(['Overview', 'README'], ['Tutorial', 'tutorial'], ['Installing', 'install']) },
      {
        text: 'How to',
        items: pages(
          ['Version check', 'version-check'],
          ['Board', 'board'],
          ['Escalation', 'escalation'],
          ['The Freshdesk button', 'escalation-button'],
          ['Races', 'races'],
          ['Releases', 'releases'],
          ['Library tags', 'library-tags'],
          ['Components for GitLab CI', 'templates'],
        ),
      },
      {
        text: 'Running it',
        items: pages(
          ['Operations', 'operations'],
          ['Sign-in', 'sign-in'],
          ['Dashboard', 'dashboard'],
          ['PostgreSQL', 'postgresql'],
          ['Scale', 'scale'],
          ['Upgrading', 'upgrade'],
          ['Troubleshooting', 'troubleshooting'],
        ),
      },
      {
        text: 'Reference',
        items: pages(
          ['Configuration', 'config'],
          ['Command line', 'cli'],
          ['HTTP interface', 'http'],
          ['Errors', 'errors'],
          ['Metrics', 'metrics'],
          ['Journal', 'journal'],
        ),
      },
      {
        text: 'Explanation',
        items: pages(
          ['Reliability', 'reliability'],
          ['Security model', 'security'],
          ['Decisions', 'adr/README'],
          ['Benchmarks', 'benchmarks'],
          ['Compared with others', 'comparison'],
        ).map(item => ({ ...item, link: item.link.replace('/adr/README', '/adr/') })),
      },
    ],
  },
});
