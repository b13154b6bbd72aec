import { afterAll, describe, expect, test } from 'vitest';
import { createMailConverter } from './mail-converter.ts';

// Written after the structure that each mail program gives its mails; no mail of anybody.
const converter = createMailConverter({ gitlabUrl: 'https://gitlab.example.com', limits: { time: 60_000 } });
afterAll(() => converter.close());

async function converted(html: string): Promise<[string, string | null]> {
  const mail = await converter.convert({ html, text: null }, { uploads: new Map() });
  expect(mail.fallback).toBeNull();
  return [mail.text, mail.quoted];
}

const OUTLOOK_HEADER =
  '<p class=MsoNormal><b>From:</b> Acme Support &lt;support@acme.example&gt; <br><b>Sent:</b> Friday, November 20, 2026 10:01<br><b>To:</b> Grace<br><b>Subject:</b> RE: Backup<o:p></o:p></p>';

describe('the new text is kept and the quote taken out of a reply written with', () => {
  test.each([
    [
      'Outlook for Windows',
      `<!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--><style>p.MsoNormal{margin:0cm}</style><div class=WordSection1><p class=MsoNormal>Hello Ada,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal><span lang=EN-US>it fails again.<o:p></o:p></span></p><p class=MsoNormal>Grace<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>${OUTLOOK_HEADER}</div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>please try again.<o:p></o:p></p></div>`,
      'Hello Ada,\n\nit fails again.\\\nGrace',
      'please try again.',
    ],
    [
      'Outlook on the web',
      '<div style="font-family:Calibri">Hello Ada,</div><div style="font-family:Calibri"><br></div><div>it fails again.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Acme Support<br><b>Sent:</b> Friday<br><b>To:</b> Grace<br></font><div>&nbsp;</div></div><div><div>please try again.</div></div>',
      'Hello Ada,\n\nit fails again.',
      'please try again.',
    ],
    [
      'Outlook in German',
      `<div class=WordSection1><p class=MsoNormal>Neuer Text.</p><div style='border:none;border-top:solid #B5C4DF 1.0pt'><p class=MsoNormal><b>Von:</b> Support<br><b>Gesendet:</b> Freitag<br><b>An:</b> Grace<br><b>Betreff:</b> AW: x</p></div><p class=MsoNormal>Bitte noch einmal.</p></div>`,
      'Neuer Text.',
      'Bitte noch einmal.',
    ],
    [
      'Gmail',
      '<div dir="ltr">Hello Ada,<div><br></div><div>it fails again.</div></div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Fri, Nov 20, 2026 at 10:01 AM Acme Support &lt;<a href="mailto:support@acme.example">support@acme.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid"><div dir="ltr">please try again.</div></blockquote></div>',
      'Hello Ada,\n\nit fails again.',
      'please try again.',
    ],
    [
      'Apple Mail',
      '<div>Hello Ada,<div><br></div><div>it fails again.<br><div><br><blockquote type="cite"><div>On 20. Nov 2026, at 10:01, Acme Support &lt;support@acme.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>please try again.</div></blockquote></div><br></div></div>',
      'Hello Ada,\n\nit fails again.',
      'please try again.',
    ],
    [
      'an iPhone',
      '<div dir="ltr">it fails again.</div><div dir="ltr"><br><blockquote type="cite">On 20. Nov 2026, at 10:01, Acme Support wrote:<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">please try again.</div></blockquote>',
      'it fails again.',
      'please try again.',
    ],
    [
      'Thunderbird',
      '<p>Hello Ada,</p><p>it fails again.</p><div class="moz-cite-prefix">On 20.11.26 10:01, Acme Support wrote:<br></div><blockquote type="cite" cite="mid:1@acme.example"><p>please try again.</p></blockquote><div class="moz-signature">-- <br>Grace</div>',
      'Hello Ada,\n\nit fails again.\n\n\\--\\\nGrace',
      'please try again.',
    ],
    [
      'Freshdesk around it',
      '<div dir="ltr">it fails again.</div><div class="freshdesk_quote"><blockquote class="freshdesk_quote">On Fri, 20 Nov at 10:01 AM, Acme Support wrote:<br><div class="gmail_quote"><blockquote>please try again.</blockquote></div></blockquote></div>',
      'it fails again.',
      'please try again.',
    ],
    [
      'Yahoo',
      '<div class="ydp1">it fails again.</div><div id="ydp2" class="yahoo_quoted"><div>On Friday, Acme Support wrote:</div><div>please try again.</div></div>',
      'it fails again.',
      'please try again.',
    ],
    [
      'a program that writes its header as text',
      '<p>it fails again.</p><p>-----Original Message-----<br>From: Acme Support<br>Sent: Friday</p><p>please try again.</p>',
      'it fails again.',
      'please try again.',
    ],
    [
      'a program that quotes without a trace but "On … wrote:"',
      '<p>it fails again.</p>On Fri, 20 Nov 2026, Acme Support wrote:<br><blockquote>please try again.</blockquote>',
      'it fails again.',
      'please try again.',
    ],
  ])('%s', async (_, html, text, quotedText) => {
    const [own, quoted] = await converted(html);
    expect(own).toBe(text);
    expect(quoted).toContain(quotedText);
    expect(quoted).toMatch(/From|Von|On |wrote/);
  });
});

describe('a quote stays where it is', () => {
  test('that an answer follows, in Thunderbird', async () => {
    const [own, quoted] = await converted(
      '<div class="moz-cite-prefix">On 20.11.26, Ada wrote:</div><blockquote type="cite">Which version?</blockquote><p>The newest.</p><blockquote type="cite">Which share?</blockquote><p>nas01</p><blockquote type="cite">Regards, Ada</blockquote>',
    );
    expect(own).toMatch(/Which version\?\n\nThe newest\.\n\n> Which share\?\n\nnas01$/);
    expect(quoted).toContain('Regards, Ada');
  });

  test('that answers stand in, in Gmail', async () => {
    const [own, quoted] = await converted(
      '<div dir="ltr"><div class="gmail_quote"><div class="gmail_attr">On Fri, Nov 20, 2026 Ada wrote:<br></div><blockquote class="gmail_quote">Which version?</blockquote><div>The newest.</div><blockquote class="gmail_quote">Which share?</blockquote><div>nas01</div></div></div>',
    );
    expect(own.replace(/\s+/g, ' ')).toContain('> Which version? The newest. > Which share? nas01');
    expect(quoted).toBeNull();
  });

  test('when there is nothing else: a forwarded mail', async () => {
    const [own, quoted] = await converted(
      '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: Linus</div><br>It burns.</div>',
    );
    expect(own).toContain('It burns.');
    expect(quoted).toBeNull();
  });

  test('when it is no mail but a quotation', async () => {
    const [own, quoted] = await converted(
      '<p>The manual says:</p><blockquote>Press any key.</blockquote><p>Which one?</p>',
    );
    expect(own).toBe('The manual says:\n\n> Press any key.\n\nWhich one?');
    expect(quoted).toBeNull();
  });

  test('but one above the answer is taken out', async () => {
    const [own, quoted] = await converted(
      '<div class="moz-cite-prefix">On 20.11.26, Ada wrote:</div><blockquote type="cite">long and long ago</blockquote><p>Answer below.</p>',
    );
    expect(own).toBe('Answer below.');
    expect(quoted).toContain('long and long ago');
  });
});

describe('plain text', () => {
  test.each([
    ['it fails.\n\nOn Fri, 20 Nov 2026 at 10:01,\nAda wrote:\n> try again\n>> earlier\n', 'it fails.', 'try again'],
    ['it fails.\r\n\r\n-----Original Message-----\r\nFrom: Ada\r\ntry again', 'it fails.', 'try again'],
    ['neu.\n\nVon: Ada\nGesendet: Freitag\nAn: Grace\nBetreff: x\n\nalt', 'neu.', 'alt'],
  ])('%j is parted', async (text, own, quotedText) => {
    const mail = await converter.convert({ html: null, text }, { uploads: new Map() });
    expect(mail.text).toBe(own);
    expect(mail.quoted).toContain(quotedText);
  });

  test.each(['> which?\nthis one\n> and?\nthat one', '> all of it', 'From: here on it fails'])(
    '%j is not',
    async text => {
      const mail = await converter.convert({ html: '  ', text }, { uploads: new Map() });
      expect(mail.quoted).toBeNull();
    },
  );
});
