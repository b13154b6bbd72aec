import { describe, expect, it } from 'vitest';
import { missed, toExtraction } from './extraction.ts';
import { pickVersion } from './pick-version.ts';

const gone = { place: 'VERSION', result: missed('not-found', 'the file does not exist') };
const dev = { place: 'version.go', result: toExtraction('dev') };
const json = { place: 'package.json', result: toExtraction('5.3.1') };
const chart = { place: 'Chart.yaml', result: toExtraction('5.3.9-rc1') };
const branch = { place: 'branch release/5.4', result: toExtraction('5.4') };

describe('pickVersion', () => {
  it('falls through to the first place that has one', () => {
    expect(pickVersion([gone, dev, json, branch], { mustAgree: false, components: 2 })).toMatchObject({
      ok: true,
      place: 'package.json',
      found: { version: '5.3.1' },
    });
  });

  it('lets places differ within the line', () => {
    expect(pickVersion([json, gone, chart], { mustAgree: true, components: 2 })).toMatchObject({
      ok: true,
      place: 'package.json',
    });
  });

  it('is unknown when they must agree and do not', () => {
    expect(pickVersion([json, chart], { mustAgree: true, components: 3 })).toMatchObject({
      ok: false,
      reason: 'disagree',
    });
    expect(pickVersion([json, branch], { mustAgree: true, components: 2 })).toMatchObject({
      ok: false,
      reason: 'disagree',
      detail: 'package.json says 5.3.1, branch release/5.4 says 5.4',
    });
  });

  it('gives the reason that tells most, and all details', () => {
    expect(pickVersion([gone, dev], { mustAgree: false, components: 2 })).toMatchObject({
      ok: false,
      reason: 'not-a-version',
      detail: 'VERSION: the file does not exist; version.go: "dev" is not a version',
    });
    expect(pickVersion([gone], { mustAgree: false, components: 2 })).toMatchObject({ ok: false, reason: 'not-found' });
    expect(pickVersion([], { mustAgree: false, components: 2 })).toMatchObject({ ok: false, reason: 'not-found' });
  });
});
