import { expect, it } from 'vitest';
import { compareVersions } from '../version.ts';
import { decide, type KeptChannel, type KeptRelease } from './decide.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const release = (version: string, more: Partial<KeptRelease> = {}): KeptRelease => ({
  version,
  line: '5.4',
  committedAt: 0,
  pinned: false,
  busy: false,
  ...more,
});
const channel = (arrivals: string[], more: Partial<KeptChannel> = {}): KeptChannel => ({
  line: '5.4',
  environment: 'development',
  head: arrivals.at(-1) ?? null,
  before: arrivals.at(-2) ?? null,
  arrivals,
  ...more,
});

function removed(releases: KeptRelease[], channels: KeptChannel[], keep = 2, age: number | null = null): string[] {
  const decision = decide(
    { product: 'p', releases, channels, outdated: 0, orphans: 0 },
    { releases: keep, age },
    compareVersions,
    NOW,
  );
  return decision.actions.map(action => (action.type === 'remove' ? action.version : action.type));
}

const VERSIONS = ['5.4.1', '5.4.2', '5.4.9', '5.4.10', '5.4.11'];

it('keeps the newest of a channel by the order of versions, whenever they came', () => {
  const late = ['5.4.10', '5.4.11', '5.4.1', '5.4.9', '5.4.2'];
  const channels = [channel(late, { head: '5.4.11', before: '5.4.10' })];
  expect(
    removed(
      VERSIONS.map(version => release(version)),
      channels,
    ),
  ).toEqual(['5.4.1', '5.4.2', '5.4.9']);
});

it.each<[string, Partial<KeptRelease>, Partial<KeptChannel>]>([
  ['the head, after a way back', {}, { head: '5.4.1' }],
  ['what was on offer before the head', {}, { before: '5.4.1' }],
  ['what is pinned', { pinned: true }, {}],
  ['what is being run', { busy: true }, {}],
  ['what is young', { committedAt: NOW - DAY }, {}],
])('never removes %s', (_what, more, channelMore) => {
  const releases = VERSIONS.map(version => release(version, version === '5.4.1' ? more : {}));
  expect(removed(releases, [channel(VERSIONS, channelMore)], 2, 30 * DAY)).not.toContain('5.4.1');
});

it('keeps what another channel still has among its newest', () => {
  const releases = VERSIONS.map(version => release(version));
  const production = channel(['5.4.1'], { environment: 'production' });
  expect(removed(releases, [channel(VERSIONS), production])).toEqual(['5.4.2', '5.4.9']);
});

it('removes old releases that came to no channel as well', () => {
  const failed = VERSIONS.map(version => release(version, { line: '5.5' }));
  expect(removed(failed, [])).toEqual(['5.4.1', '5.4.2', '5.4.9']);
});

it('forgets old requests where there are some, whatever it removes', () => {
  const facts = {
    product: 'p',
    releases: VERSIONS.map(version => release(version)),
    channels: [channel(VERSIONS)],
    orphans: 0,
  };
  const actions = (outdated: number) =>
    decide({ ...facts, outdated }, { releases: 5, age: null }, compareVersions, NOW).actions;
  expect(actions(0)).toEqual([]);
  expect(actions(3)).toEqual([{ type: 'forget', summary: 'forget 3 old requests and expired tokens' }]);
});

it('empties what uploads that were cut off have left', () => {
  const facts = { product: 'p', releases: [], channels: [], outdated: 0 };
  const actions = (orphans: number) =>
    decide({ ...facts, orphans }, { releases: 5, age: null }, compareVersions, NOW).actions;
  expect(actions(0)).toEqual([]);
  expect(actions(2)).toEqual([{ type: 'sweep', summary: 'remove what 2 uploads that were cut off have left' }]);
});
