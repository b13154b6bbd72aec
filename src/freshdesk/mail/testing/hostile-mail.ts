import fc from 'fast-check';
import { hostileText } from '../../../gitlab/text/testing/hostile-text.ts';

/** For tests only: a mail's HTML, and what its reader sees of it without the white space. */
export interface HostileMail {
  html: string;
  seen: string;
}

const text: fc.Arbitrary<HostileMail> = hostileText
  // Not what an HTML parser drops or replaces by itself.
  .map(each => each.toWellFormed().replaceAll('\0', ''))
  .map(each => ({ html: escapeHtml(each), seen: each }));

const { mail } = fc.letrec<{ mail: HostileMail; node: HostileMail }>(tie => ({
  mail: fc.array(tie('node'), { maxLength: 5 }).map(join),
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    text.map(each => ({ html: `<code>${each.html}</code>`, seen: each.seen })),
    ...['p', 'div', 'b', 'i', 'del', 'span', 'font', 'blockquote', 'h2', 'center', 'pre', 'o:p', 'section'].map(name =>
      tie('mail').map(inner => element(name, inner)),
    ),
    fc
      .array(tie('mail'), { minLength: 1, maxLength: 3 })
      .map(items => element('ul', join(items.map(item => element('li', item))))),
    fc
      .array(tie('mail'), { minLength: 1, maxLength: 3 })
      .map(items => element('ol', join(items.map(item => element('li', item))))),
    fc.array(fc.array(tie('mail'), { minLength: 2, maxLength: 2 }), { minLength: 2, maxLength: 3 }).map(table),
    fc.constant({ html: '<br>', seen: '' }),
    fc.constant({ html: '<hr>', seen: '' }),
    fc
      .constantFrom(
        '<!-- x',
        '<!--[if mso]>@all<![endif]-->',
        '<style>@all{}</style>',
        '<script>/close</script>',
        '<span style="display: none">@hidden</span>',
        '<img src="https://t.example/1.gif" width="1" height="1" alt="@pixel">',
        '<title>#1</title>',
      )
      .map(html => (html === '<!-- x' ? { html: '<!-- -->', seen: '' } : { html, seen: '' })),
  ),
}));

/** Mails whose every text is meant to do harm, in elements nested at random. */
export const hostileMail = mail;

function join(parts: readonly HostileMail[]): HostileMail {
  return { html: parts.map(part => part.html).join(''), seen: parts.map(part => part.seen).join('\n') };
}

function element(name: string, inner: HostileMail): HostileMail {
  return { html: `<${name}>${inner.html}</${name}>`, seen: inner.seen };
}

function table(rows: readonly (readonly HostileMail[])[]): HostileMail {
  return element('table', join(rows.map(row => element('tr', join(row.map(cell => element('td', cell)))))));
}

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
