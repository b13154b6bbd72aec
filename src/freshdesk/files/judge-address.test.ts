import { describe, expect, it } from 'vitest';
import { isPrivateAddress, judgeAddress } from './judge-address.ts';

const rules = { hosts: ['files.example.com', '127.0.0.1:9021'] };
const S3 =
  'https://s3.eu-central-1.amazonaws.com/euc-cdn.freshdesk.com/data/helpdesk/attachments/production/1/original/x.png';

describe('an attachment', () => {
  it.each([
    `${S3}?X-Amz-Signature=x`,
    'https://s3.amazonaws.com/cdn.freshdesk.com/data/x',
    'https://s3-eu-west-1.amazonaws.com/ind-cdn.freshdesk.com/data/x',
    'https://euc-cdn.freshdesk.com.s3.eu-central-1.amazonaws.com/data/x',
    'https://cdn.freshdesk.com/data/x',
    'https://files.example.com:8443/x',
    'http://127.0.0.1:9021/x',
  ])('is fetched from %s', address => {
    expect(judgeAddress(address, 'attachment', rules)).toBeNull();
  });

  it.each([
    'http://cdn.freshdesk.com/x',
    'https://s3.amazonaws.com/somebody-else/x',
    'https://evil.amazonaws.com/cdn.freshdesk.com/x',
    'https://freshdesk.com.evil.example/x',
    'https://evilfreshdesk.com/x',
    'https://cdn.freshdesk.com:8443/x',
    'https://user:secret@cdn.freshdesk.com/x',
    'http://127.0.0.1:9022/x',
    'http://169.254.169.254/latest/meta-data/',
    'file:///etc/passwd',
    'ftp://files.example.com/x',
    'nonsense',
  ])('is not fetched from %s', address => {
    expect(judgeAddress(address, 'attachment', rules)).toMatch(/\w/);
  });
});

it('an inline image is fetched from one path only, because the address is out of a mail', () => {
  expect(judgeAddress('https://eucattachment.freshdesk.com/inline/attachment?token=x', 'inline', rules)).toBeNull();
  expect(judgeAddress('https://acme.freshdesk.com/api/v2/tickets', 'inline', rules)).toMatch(/inline image/);
  expect(judgeAddress('http://127.0.0.1:9021/admin', 'inline', rules)).toMatch(/inline image/);
});

it.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['172.31.255.255', true],
  ['192.168.0.1', true],
  ['169.254.169.254', true],
  ['100.64.0.1', true],
  ['0.0.0.0', true],
  ['::1', true],
  ['fe80::1', true],
  ['fd00::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.0.0.1', true],
  ['64:ff9b::a00:1', true],
  ['64:ff9b:1::a00:1', true],
  ['2002:7f00:1::', true],
  ['2001:0:a00:1::', true],
  ['fec0::1', true],
  ['not an address', true],
  ['93.184.216.34', false],
  ['2606:2800:220:1::1', false],
  ['::ffff:93.184.216.34', false],
])('%s is private: %s', (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate);
});
