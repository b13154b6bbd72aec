import { afterAll, describe, expect, test } from 'vitest';
import { createMailConverter } from './mail-converter.ts';
import type { UploadedImage } from './mail-types.ts';

const converter = createMailConverter({
  gitlabUrl: 'https://gitlab.example.com/git',
  freshdeskHosts: ['127.0.0.1:9021'],
  limits: { time: 60_000 },
});
afterAll(() => converter.close());

async function markdownOf(html: string, uploads: [string, UploadedImage | null][] = []): Promise<string> {
  const mail = await converter.convert({ html, text: null }, { uploads: new Map(uploads) });
  expect(mail.fallback).toBeNull();
  return mail.text;
}

describe('what a mail says', () => {
  test.each([
    ['lines of a div', '<div>a<br>b</div><div>c</div><div><br></div><div>d</div>', 'a\\\nb\\\nc\n\nd'],
    ['nested wrappers', '<div><div><div>a</div></div><div>b</div></div>', 'a\\\nb'],
    ['lines that a style preserves', '<div style="white-space: pre-wrap">a\nb</div>', 'a\\\nb'],
    ['bold where Markdown has it', '<p>x <b>y </b>z <b>(w)</b>v</p>', 'x **y** z **(w)**v'.replace('**(w)**v', '(w)v')],
    ['bold around paragraphs', '<b><p>a</p><p>b</p></b>', 'a\n\nb'],
    ['headings', '<h1>Report</h1><p>x</p>', '**Report**\n\nx'],
    ['no-break spaces', '<p>a&nbsp;&nbsp;b&nbsp;</p><p>&nbsp;</p><p>c</p>', 'a b\n\nc'],
    ['turned and invisible characters', '<p>a\u202eb\u200bc\u2066d</p>', 'abcd'],
    ['those in code', '<p><code>a\u202eb</code></p>', '`a⟨U+202E⟩b`'],
    ['a fence in a fence', '<pre>a\n```mermaid\nb</pre>', '````\na\n```mermaid\nb\n````'],
    ['a language', '<pre><code class="language-mermaid">graph</code></pre>', '```\ngraph\n```'],
    ['a task', '<ul><li>[x] done</li><li><input type="checkbox" checked> more</li></ul>', '- \\[x\\] done\n- more'],
    ['front matter', '<hr><p>title: x</p><hr>', '***\n\ntitle: x\n\n***'],
    [
      'directives',
      '<p>::include{file=x}</p><p>[[_TOC_]]</p><p>{+ a +} %{b} $`c`$</p>',
      '\\::include{file=x}\n\n`[[_TOC_]]`\n\n`{+` a +} \\%{b} \\$\\`c\\`\\$',
    ],
    ['a comment that nobody closes', '<p>a</p><!-- <p>b</p>', 'a\n\n\\<\\!--\n\nb'],
    ['Office tags', '<p class=MsoNormal>a<o:p></o:p></p><!--[if gte mso 9]><xml>x</xml><![endif]-->', 'a'],
    ['a fold', '<details><summary>a</summary>b</details>', 'ab'],
    [
      'hidden text',
      '<div style="display:none">a</div><div hidden>b</div><div style="max-height:0;overflow:hidden">c</div>d',
      'd',
    ],
    ['scripts', '<script>a</script><style>b</style><title>c</title><template>d</template>e', 'e'],
  ])('%s', async (_, html, text) => {
    expect(await markdownOf(html)).toBe(text);
  });
});

describe('tables', () => {
  test.each([
    [
      'of data',
      '<table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td><td><p>x</p><p>y</p></td></tr></table>',
      '| a | b |\n| - | - |\n| 1\\|2 | x y |',
    ],
    [
      'without a header',
      '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>',
      '| a | b |\n| - | - |\n| c | d |',
    ],
    [
      'that only arrange: in one another',
      '<table><tr><td>a</td><td><table><tr><td>b</td></tr></table></td></tr></table>',
      'a\\\nb',
    ],
    ['that only arrange: one column', '<table><tr><td>a</td></tr><tr><td>b</td></tr></table>', 'a\\\nb'],
    ['that only arrange: one row', '<table><tr><td>logo</td><td>Acme</td></tr></table>', 'logo\\\nAcme'],
    [
      'that say so',
      '<table role="presentation"><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>',
      'a\\\nb\\\nc\\\nd',
    ],
    [
      'with lists in them',
      '<table><tr><td>a</td><td><ul><li>b</li></ul></td></tr><tr><td>c</td><td>d</td></tr></table>',
      'a\n\n- b\n\nc\\\nd',
    ],
  ])('%s', async (_, html, text) => {
    expect(await markdownOf(html)).toBe(text);
  });
});

describe('links', () => {
  test.each([
    ['<a href="https://docs.example/a b">manual</a>', '[manual](https://docs.example/a%20b)'],
    ['<a href="https://docs.example/">https://docs.example/</a>', '[`https://docs.example/`](https://docs.example/)'],
    [
      '<a href="https://gitlab.example.com/git/g/p/-/issues/1">here</a>',
      'here `https://gitlab.example.com/git/g/p/-/issues/1`',
    ],
    [
      '<a href="http://GITLAB.example.com:8080/x">http://GITLAB.example.com:8080/x</a>',
      '`http://GITLAB.example.com:8080/x`',
    ],
    ['https://gitlab.example.com/git/g/p/-/issues/1', '`https://gitlab.example.com/git/g/p/-/issues/1`'],
    ['<a href="mailto:ada@acme.example">Ada</a>', 'Ada'],
    ['<a href="javascript:alert(1)">x</a>', 'x'],
    ['<a href="https://user:pass@evil.example/">x</a>', 'x'],
    ['<a href="//evil.example/">x</a>', 'x'],
    ['<a href="https://docs.example/"></a>', ''],
  ])('%s', async (html, text) => {
    expect(await markdownOf(html)).toBe(text);
  });
});

const INLINE = 'https://eucattachment.freshdesk.com/inline/attachment?token=';
const TOKEN = `e30.${Buffer.from(JSON.stringify({ id: 77, domain: 'acme.freshdesk.com', account_id: 1 })).toString('base64url')}.x`;

describe('images', () => {
  test('are told apart, each once, hidden ones not at all', async () => {
    const html = [
      `<img src="${INLINE}${TOKEN}" data-id="80012226479" alt="screen">`,
      `<img src="${INLINE}${TOKEN}">`,
      `<img src="${INLINE}${TOKEN}2">`,
      '<img src="http://127.0.0.1:9021/inline/attachment?token=x" data-id="5">',
      '<img src="https://s3.eu-central-1.amazonaws.com/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/91/original/a.png?X-Amz-Date=1">',
      '<img src="https://evil.example/inline/attachment?token=x" data-id="9">',
      '<img src="https://evil.example/eucattachment.freshdesk.com/inline/attachment">',
      '<img src="data:image/png;base64,iVBORw0KGgo=" alt="dot">',
      '<img src="https://t.example/open.gif" width="1" height="1"><img src="https://t.example/2" style="display:none">',
      '<img src="file:///etc/passwd"><img alt="no source">',
    ].join('');
    expect(await converter.images(html)).toEqual([
      { url: `${INLINE}${TOKEN}`, alt: 'screen', kind: 'inline', attachmentId: 80012226479 },
      { url: `${INLINE}${TOKEN}2`, alt: '', kind: 'inline', attachmentId: 77 },
      { url: 'http://127.0.0.1:9021/inline/attachment?token=x', alt: '', kind: 'inline', attachmentId: 5 },
      {
        url: 'https://s3.eu-central-1.amazonaws.com/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/91/original/a.png?X-Amz-Date=1',
        alt: '',
        kind: 'inline',
        attachmentId: 91,
      },
      { url: 'https://evil.example/inline/attachment?token=x', alt: '', kind: 'external', attachmentId: null },
      {
        url: 'https://evil.example/eucattachment.freshdesk.com/inline/attachment',
        alt: '',
        kind: 'external',
        attachmentId: null,
      },
      { url: 'data:image/png;base64,iVBORw0KGgo=', alt: 'dot', kind: 'data', attachmentId: null },
    ]);
  });

  test('are shown where they were copied, said to be missing where not, and linked when they are somebody else’s', async () => {
    const html = `<p>a <img src="${INLINE}1"> b <img src="${INLINE}2" alt="plan"> c <img src="https://x.example/y.png"> <img src="data:image/png;base64,AA==" alt="dot"><a href="https://acme.example"><img src="${INLINE}1"></a></p>`;
    const uploads: [string, UploadedImage | null][] = [
      [`${INLINE}1`, { markdownUrl: '/uploads/0a/screen.png', name: 'screen @all.png' }],
      [`${INLINE}2`, null],
    ];
    expect(await markdownOf(html, uploads)).toBe(
      'a ![screen \\_all.png](/uploads/0a/screen.png) b (image not copied: plan) c [image: x.example](https://x.example/y.png) (image: dot)[![screen \\_all.png](/uploads/0a/screen.png)](https://acme.example/)',
    );
  });
});
