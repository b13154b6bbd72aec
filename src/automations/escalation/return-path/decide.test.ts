import { describe, expect, test } from 'vitest';
import { decide } from './decide.ts';
import type { IssueFacts, ReturnFacts, ReturnTicket, Shipped } from './facts.ts';
import { customersDigest, supportText } from './render-return.ts';

const OURS = {
  project: 'acme/appliance',
  iid: 7,
  url: 'https://g.example/7',
  state: 'opened',
  labels: ['freshdesk'],
} as const;

function ticket(more: Partial<ReturnTicket> = {}): ReturnTicket {
  return {
    domain: 'acme.freshdesk.com',
    ticket: 101,
    page: 'https://acme.freshdesk.com/a/tickets/101',
    issue: { ...OURS, labels: [...OURS.labels] },
    lines: [],
    shown: true,
    returned: { closedAt: null, released: [], field: 'Open', supports: {} },
    ...more,
  };
}

const OPEN: IssueFacts = {
  state: 'opened',
  url: OURS.url,
  title: 'It fails',
  labels: ['freshdesk'],
  confidential: true,
  closedAt: null,
  milestone: null,
  movedTo: null,
  duplicateOf: null,
  fixes: [],
  shipped: [],
  support: [],
};
const CLOSING = '2026-11-25T10:00:00Z';
const CLOSED: IssueFacts = { ...OPEN, state: 'closed', closedAt: CLOSING };
const SHIPPED: Shipped = {
  id: 'appliance/5.4.2/production',
  product: 'appliance',
  version: '5.4.2',
  environment: 'production',
  at: 0,
};
const SUPPORT = { id: 9, author: 'Ada', text: 'Which?', digest: 'd1' };

function facts(
  issue: IssueFacts | null | undefined,
  tickets: ReturnTicket[] = [ticket()],
  more: Partial<ReturnFacts> = {},
): ReturnFacts {
  return {
    project: OURS.project,
    iid: OURS.iid,
    tickets,
    ...(issue !== undefined && { issue }),
    customersNote: null,
    settings: {
      statusField: 'cf_dev_status',
      statuses: ['In Review', 'To Test'],
      closedStatus: 2,
      releasedIn: ['production'],
    },
    ...more,
  };
}

const returned = (more: Partial<NonNullable<ReturnTicket['returned']>>) => ({ ...ticket().returned!, ...more });
const settings = (more: Partial<ReturnFacts['settings']>) => ({ settings: { ...facts(OPEN).settings, ...more } });
const planOf = (given: ReturnFacts) =>
  decide(given).actions.map(action =>
    action.type === 'field'
      ? `field ${action.value}`
      : action.type === 'status'
        ? `status ${action.status}`
        : action.type,
  );

describe('comes back', () => {
  test.each<[string, ReturnFacts, string[]]>([
    ['nothing of an issue without tickets', facts(undefined, []), []],
    ['nothing that is there already', facts(OPEN), []],
    ['what the note does not show although it is recorded', facts(OPEN, [ticket({ shown: false })]), ['note']],
    ['a label', facts({ ...OPEN, labels: ['freshdesk', 'bug'] }), ['note']],
    ['a label that is a status', facts({ ...OPEN, labels: ['freshdesk', 'In Review'] }), ['field In Review', 'note']],
    ['the last of two statuses', facts({ ...OPEN, labels: ['To Test', 'In Review'] }), ['field To Test', 'note']],
    ['a milestone', facts({ ...OPEN, milestone: { title: '5.4.2', due: null } }), ['note']],
    ['a closing', facts(CLOSED), ['status 2', 'field Closed', 'note']],
    [
      'a closing once',
      facts(CLOSED, [
        ticket({
          returned: returned({ closedAt: CLOSING, field: 'Closed' }),
          issue: { ...OURS, labels: ['freshdesk'], state: 'closed' },
          lines: ['Closed on 2026-11-25'],
        }),
      ]),
      [],
    ],
    [
      'a second closing',
      facts({ ...CLOSED, closedAt: '2026-11-26T10:00:00Z' }, [ticket({ returned: returned({ closedAt: CLOSING }) })]),
      ['status 2', 'field Closed', 'note'],
    ],
    [
      'no status where none is wanted',
      facts(CLOSED, [ticket()], settings({ closedStatus: null })),
      ['seen', 'field Closed', 'note'],
    ],
    [
      'no status of an issue that was closed before it was linked',
      facts(CLOSED, [ticket({ returned: null, issue: { ...OURS, labels: ['freshdesk'], state: 'closed' } })]),
      ['seen', 'field Closed', 'note'],
    ],
    [
      'the status of one that was closed before anything came back',
      facts(CLOSED, [ticket({ returned: null })]),
      ['status 2', 'field Closed', 'note'],
    ],
    [
      'no field where none is configured',
      facts(CLOSED, [ticket()], settings({ statusField: null })),
      ['status 2', 'note'],
    ],
    [
      'a reopening',
      facts(OPEN, [
        ticket({
          returned: returned({ closedAt: CLOSING, field: 'Closed' }),
          issue: { ...OURS, labels: ['freshdesk'], state: 'closed' },
          lines: ['Closed on 2026-11-25'],
        }),
      ]),
      ['field Open', 'note'],
    ],
    ['a release', facts({ ...OPEN, shipped: [SHIPPED] }), ['status 2', 'field Released 5.4.2', 'note']],
    [
      'a release once',
      facts({ ...OPEN, shipped: [SHIPPED] }, [
        ticket({
          returned: returned({ released: [SHIPPED.id], field: 'Released 5.4.2' }),
          lines: ['Fix shipped in appliance 5.4.2 (production, 1970-01-01)'],
        }),
      ]),
      [],
    ],
    [
      'a release elsewhere, without a status',
      facts({ ...OPEN, shipped: [{ ...SHIPPED, environment: 'development' }] }),
      ['note'],
    ],
    ['a comment for the support', facts({ ...OPEN, support: [SUPPORT] }), ['support']],
    [
      'it once',
      facts({ ...OPEN, support: [SUPPORT] }, [
        ticket({ returned: returned({ supports: { 9: { conversation: 5, digest: 'd1' } } }) }),
      ]),
      [],
    ],
    [
      'its edit',
      facts({ ...OPEN, support: [{ ...SUPPORT, digest: 'd2' }] }, [
        ticket({ returned: returned({ supports: { 9: { conversation: 5, digest: 'd1' } } }) }),
      ]),
      ['support'],
    ],
    [
      'its end',
      facts(OPEN, [ticket({ returned: returned({ supports: { 9: { conversation: 5, digest: 'd1' } } }) })]),
      ['withdraw'],
    ],
    [
      'its end once',
      facts(OPEN, [ticket({ returned: returned({ supports: { 9: { conversation: 5, digest: 'withdrawn' } } }) })]),
      [],
    ],
    ['that it is gone', facts(null), ['note']],
    [
      'that it is gone, once',
      facts(null, [ticket({ lines: ['The issue is not there any more, or Signalbox may not see it.'] })]),
      [],
    ],
    ['that it was moved', facts({ ...CLOSED, movedTo: { issue: { ...OURS, iid: 8, labels: [] } } }), ['move']],
    ['that it was moved somewhere', facts({ ...OPEN, movedTo: { issue: null } }), ['note']],
  ])('%s', (_, given, plan) => {
    expect(planOf(given)).toEqual(plan);
  });

  test('in words that say when and where', () => {
    const fix = {
      name: 'acme/appliance!12',
      url: '',
      state: 'merged',
      target: 'release/5.4',
      mergedAt: '2026-11-24T09:00:00Z',
    } as const;
    const issue: IssueFacts = {
      ...CLOSED,
      duplicateOf: 'acme/appliance#3',
      milestone: { title: '5.4.2', due: '2026-12-01' },
      fixes: [fix, { ...fix, name: 'acme/appliance!13', state: 'opened', mergedAt: null }],
      shipped: [SHIPPED],
    };
    const [note] = decide(facts(issue)).actions.filter(action => action.type === 'note');
    expect(note).toMatchObject({
      lines: [
        'Milestone: 5.4.2 (due 2026-12-01)',
        'Closed on 2026-11-25',
        'Closed as a duplicate of acme/appliance#3: please look there, too',
        'acme/appliance!12 was merged into release/5.4 on 2026-11-24',
        'acme/appliance!13 into release/5.4 is open',
        'Fix shipped in appliance 5.4.2 (production, 1970-01-01)',
      ],
      issue: { state: 'closed' },
    });
  });
});

describe('customers', () => {
  const two = [ticket(), ticket({ ticket: 102 })];
  const customers = { 'acme.freshdesk.com/101': 'Northwind', 'acme.freshdesk.com/102': 'Contoso' };

  test.each<[string, ReturnFacts, unknown[]]>([
    ['of one ticket are not listed', facts(OPEN, [ticket()], { customers: {} }), []],
    ['of two are', facts(OPEN, two, { customers }), [{ type: 'customers', note: null, internal: false }]],
    [
      'are for members only where the issue is not confidential',
      facts({ ...OPEN, confidential: false }, two, { customers }),
      [{ type: 'customers', internal: true }],
    ],
    [
      'are listed once',
      facts(OPEN, two, { customers, customersNote: { note: 4, digest: customersDigest(two, customers) } }),
      [],
    ],
    [
      'in the same comment when another one comes',
      facts(OPEN, two, { customers, customersNote: { note: 4, digest: 'of one' } }),
      [{ type: 'customers', note: 4 }],
    ],
  ])('%s', (_, given, actions) => {
    expect(decide(given).actions).toMatchObject(actions);
  });
});

test.each([
  ['support: which version?', 'which version?'],
  ['\n Support:\nwhich\r\nversion?', 'which\nversion?'],
  ['Dear support: no', null],
  ['support:', null],
  ['supports: no', null],
])('%j is for the support: %j', (body, text) => {
  expect(supportText(body)).toBe(text);
});
