import { escapeHtml } from '../../http/html.ts';
import { inlineUrl } from '../present/attachment.ts';
import { addConversation, addFile, addTicket } from '../state/add.ts';
import type { FileRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';
import type { People } from './people.ts';
import { stripes } from './png.ts';

const MINUTE = 60_000;

const HOSTILE = [
  '/close',
  '/assign @root',
  'Please tell @all that #1 and !1 are not fixed in %5.4, see ~bug and $1.',
  '<!-- nobody sees what follows',
  '<details><summary>open',
  '```',
  '<script>alert(1)</script>',
  'password: hunter2',
];

/** The story's ticket: "Backup fails …" with mails, a reply, notes, text that means harm elsewhere, quotes and files. */
export function seedTicket101(world: World, { ada, requester, colleague }: People, start: number): void {
  const file = (name: string, contentType: string, bytes: Buffer, at: number, inline = false) =>
    addFile(world, { name, contentType, content: { bytes }, size: bytes.length, at, inline });
  const screenshot = file('image001.png', 'image/png', stripes(320, 120, [0xd64545, 0xf7f7f7]), start, true);
  const logo = (at: number) => file('logo.png', 'image/png', stripes(96, 32, [0x1f5fae, 0xffffff]), at, true);
  const ticket = addTicket(world, {
    subject: 'Backup fails on network share after update to 5.4 "quota exceeded"',
    description: `<div style="font-family:Arial, sans-serif; font-size:14px"><div dir="ltr">Hello,<br><br>since the update to 5.4.1 the nightly backup to <b>\\\\nas01\\backup</b> fails:</div><div dir="ltr"><pre>2026-11-19 02:00:13 backup: write: quota exceeded (EDQUOT)</pre></div><div dir="ltr">${image(world, screenshot)}</div><div dir="ltr">Logs are attached.<br><br>Grace</div></div>`,
    requesterId: requester.id,
    responderId: ada.id,
    priority: 3,
    type: 'Problem',
    tags: ['backup', 'nas'],
    customFields: { cf_product: 'Appliance', cf_dev_status: null },
    toEmails: ['support@acme.freshdesk.com'],
    ccEmails: [colleague.email],
    createdAt: start,
    attachments: [
      file('backup.log', 'text/plain', Buffer.from('02:00:13 write: quota exceeded (EDQUOT)\n'.repeat(200)), start),
      file('empty.txt', 'text/plain', Buffer.alloc(0), start),
    ],
  });
  const mail = { private: false, source: 0, supportEmail: 'support@acme.freshdesk.com' } as const;
  addConversation(world, ticket, {
    ...mail,
    userId: ada.id,
    fromEmail: 'Acme Support <support@acme.freshdesk.com>',
    toEmails: [requester.email],
    body: '<div>Hello Grace,<br><br>thank you. Could you send us the output of <code>df -h</code> and your backup settings?<br><br>Ada</div>',
    createdAt: start + 40 * MINUTE,
  });
  const answered = start + 95 * MINUTE;
  addConversation(world, ticket, {
    ...mail,
    userId: requester.id,
    incoming: true,
    fromEmail: `${requester.name} <${requester.email}>`,
    toEmails: ['support@acme.freshdesk.com'],
    body: `<div dir="ltr">Hi Ada,<br><br>attached.<table border="1"><tr><th>Share</th><th>Used</th></tr><tr><td>nas01</td><td>91 %</td></tr></table><br>Grace<br>${image(world, logo(answered))}</div><div class="freshdesk_quote"><blockquote class="freshdesk_quote">On Fri, Acme Support wrote:<br><div class="gmail_quote"><blockquote>Hello Grace,<br><br>thank you. Could you send us the output of df -h and your backup settings?<br><br>Ada</blockquote></div></blockquote></div>`,
    createdAt: answered,
    attachments: [
      file(
        'df output (1).txt',
        'text/plain',
        Buffer.from('nas01:/backup  2.0T  1.8T  0.2T  91% /mnt/backup\n'),
        answered,
      ),
      file('Überblick "Sicherung".csv', 'text/csv', Buffer.from('job;state\nnightly;failed\n'), answered),
    ],
  });
  addConversation(world, ticket, {
    userId: ada.id,
    toEmails: ['dev@acme.example'],
    body: '<div>Looks like the quota check counts snapshots, like last year. <b>Do not tell the customer yet.</b></div>',
    createdAt: answered + 20 * MINUTE,
  });
  addConversation(world, ticket, {
    ...mail,
    userId: colleague.id,
    incoming: true,
    fromEmail: `${colleague.name} <${colleague.email}>`,
    toEmails: ['support@acme.freshdesk.com'],
    ccEmails: [requester.email],
    body: `<div>${HOSTILE.map(escapeHtml).join('<br>')}</div><div>Linus<br>${image(world, logo(answered + 50 * MINUTE))}</div>`,
    createdAt: answered + 50 * MINUTE,
  });
}

function image(world: World, file: FileRecord): string {
  return `<img src="${inlineUrl(world, file)}" style="width: auto" class="fr-fil fr-dib" data-id="${file.id}">`;
}
