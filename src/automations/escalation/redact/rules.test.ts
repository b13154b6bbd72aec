import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, redactText } from '../../../freshdesk/mail/redact-text.ts';
import { describeRedactions, sumRedactions } from './describe-redactions.ts';
import { redactionRules, redactSettings } from './redact-settings.ts';
import { builtInRules } from './rules.ts';

function redacted(text: string, rules = builtInRules([])): string {
  return redactText(text, createRedactor(rules, new Map()));
}

const KEY = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n${'MIIEpAIBAAKCAQEA75\n'.repeat(20)}-----END RSA PRIVATE KEY-----`;

describe('is removed:', () => {
  test.each([
    ['password: hunter2', 'password: [password removed]'],
    ['Password = "two words", user x', 'Password = "[password removed]", user x'],
    ['DB_PASSWORD=abc;x', 'DB_PASSWORD=[password removed];x'],
    ['{"password":"a,b"}', '{"password":"[password removed]"}'],
    ['Kennwort:\tgeheim', 'Kennwort:\t[password removed]'],
    ['Password\thunter2', 'Password\t[password removed]'],
    ['https://x/login?user=a&passwd=b&c=d', 'https://x/login?user=a&passwd=[password removed]&c=d'],
    ['tool --password hunter2 -v', 'tool --password [password removed] -v'],
    ['<password>a b</password>', '<password>[password removed]</password>'],
    ['postgres://app:s3cret@db/x', 'postgres://app:[login in address removed]@db/x'],
    [`a\n${KEY}\nb`, 'a\n[private key removed]\nb'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn', '[private key removed]'],
    ['snmp-server community s3cr3t RO 10', 'snmp-server community [SNMP community removed] RO 10'],
    ['snmp-server host 10.0.0.1 version 2c s3cr3t', 'snmp-server host 10.0.0.1 version 2c [SNMP community removed]'],
    [
      'snmp-server user u g v3 auth sha aaa priv aes 128 bbb',
      'snmp-server user u g v3 auth sha [SNMP community removed] priv aes 128 [SNMP community removed]',
    ],
    ['rocommunity s3cr3t 10.0.0.0/8', 'rocommunity [SNMP community removed] 10.0.0.0/8'],
    ['snmpwalk -v2c -c s3cr3t 10.0.0.1', 'snmpwalk -v2c -c [SNMP community removed] 10.0.0.1'],
    ['Community string: s3cr3t', 'Community string: [SNMP community removed]'],
    ['enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0', 'enable secret 5 [device secret removed]'],
    ['enable password cisco', 'enable password [device secret removed]'],
    ['username ada privilege 15 secret 9 $9$abcdefgh', 'username ada privilege 15 secret 9 [device secret removed]'],
    [' key 7 094F471A1A0A', ' key 7 [device secret removed]'],
    ['tacacs-server host 10.1.1.1 key 7 0822455D0A16', 'tacacs-server host 10.1.1.1 key 7 [device secret removed]'],
    [
      'radius-server host 1.2.3.4 auth-port 1812 key s3cr3t',
      'radius-server host 1.2.3.4 auth-port 1812 key [device secret removed]',
    ],
    [' neighbor 10.0.0.2 password 7 1511021F0725', ' neighbor 10.0.0.2 password 7 [device secret removed]'],
    ['crypto isakmp key s3cr3t address 10.0.0.2', 'crypto isakmp key [device secret removed] address 10.0.0.2'],
    ['set psksecret ENC aGVsbG8=', 'set psksecret ENC [device secret removed]'],
    ['encrypted-password "$6$abc$def"; ## SECRET', 'encrypted-password "[device secret removed]"; ## SECRET'],
    ['root:$6$rounds=5000$abc$defghijk:19000:0', 'root:[password hash removed]'],
    ['Authorization: Bearer abcdefghijkl', 'Authorization: Bearer [token removed]'],
    ['Authorization: Basic YWRhOmh1bnRlcjI=', 'Authorization: Basic [token removed]'],
    ['api_key = abcdef', 'api_key = [token removed]'],
    ['see eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeK ok', 'see [token removed] ok'],
    ['PRIVATE-TOKEN: glpat-abcdefghijklmnopqrst', 'PRIVATE-TOKEN: [token removed]'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [cloud key removed]'],
    ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'aws_secret_access_key = [cloud key removed]'],
  ])('%j', (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });
});

describe('stays:', () => {
  test.each([
    'The password is wrong.',
    'I forgot my password. Please reset it.',
    'password: ********',
    'the community edition',
    'key: value',
    'enable secret',
    'https://example.com/a:b@c',
    'Lost the private key? See the manual.',
    '-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----',
    'tokens: many',
    '10:01:22 write: quota exceeded (EDQUOT)',
  ])('%j', text => {
    expect(redacted(text)).toBe(text);
  });
});

test('what was removed once is not removed again', () => {
  const once = redacted('password: a, api_key=b, snmp-server community c, enable secret 5 d, key 7 e');
  expect(redacted(once)).toBe(once);
});

describe('settings', () => {
  test('all rules are on by default, and can be named off', () => {
    expect(redactionRules(redactSettings.parse(undefined))).toEqual(builtInRules([]));
    const settings = redactSettings.parse({ off: ['password'] });
    expect(redacted('password: a', redactionRules(settings))).toBe('password: a');
    expect(redacted('api_key=abcd', redactionRules(settings))).toBe('api_key=[token removed]');
  });

  test('own rules come to them', () => {
    const settings = redactSettings.parse({ own: [{ name: 'customer number', pattern: '^no (?<secret>K-\\d+)$' }] });
    expect(redacted('x\nNo K-12\ny', redactionRules(settings))).toBe('x\nNo [customer number removed]\ny');
  });

  test.each([
    [{ off: ['passwords'] }, /off/],
    [{ own: [{ name: 'x', pattern: '(' }] }, /Invalid regular expression/],
    [{ own: [{ name: 'x', pattern: 'a*' }] }, /matches the empty text/],
    [{ own: [{ name: '@all', pattern: 'a' }] }, /letters and digits/],
    [{ on: true }, /on/],
  ])('%j is refused', (settings, message) => {
    const { error } = redactSettings.safeParse(settings);
    expect(JSON.stringify(error?.issues)).toMatch(message);
  });
});

test('counts are added up', () => {
  const sum = sumRedactions([
    [{ rule: 'password', count: 2 }],
    [],
    [
      { rule: 'token', count: 1 },
      { rule: 'password', count: 1 },
    ],
  ]);
  expect(describeRedactions(sum)).toBe('password (3), token (1)');
  expect(describeRedactions([])).toBe('');
});

test('no pattern of ours takes more than one pass over texts made to be slow', () => {
  const seeds = [
    '-----BEGIN PRIVATE KEY-----',
    'password',
    'password: ',
    'snmp-server user ',
    'tacacs ',
    'snmpwalk ',
    'a://b:',
    'eyJaaaaaaaa.',
    '$1$',
    '<key>',
    'PuTTY-User-Key-File-2:',
    'mysql ',
    'community ',
  ];
  // A pattern that tries twice would need minutes for these; one that does not needs milliseconds: the limit of the test is the hang guard.
  for (const seed of seeds) expect(redacted(seed.repeat(Math.ceil(300_000 / seed.length))).length).toBeGreaterThan(0);
}, 30_000);

test('nothing but what was found changes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 8 }), values => {
      const pieces = values.map(value => ({ value }));
      createRedactor([{ name: 'b', pattern: 'b+', flags: '' }], new Map())(pieces);
      const whole = values.join('').replace(/b+/g, '[b removed]');
      expect(pieces.map(piece => piece.value).join('')).toBe(whole);
    }),
  );
});
