import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fingerprintOf } from '../fingerprint/fingerprint.ts';
import { findIn, haveSharedRaces, SHARED_RACES, sharedText } from '../testing/reports.ts';
import { reportText } from './report-text.ts';

const OPTIONS = { project: 'acme/appliance', lookThrough: [] };

const FOLDERS = ['corpus/go', 'corpus/cpp', 'corpus/kcsan'];

const here = haveSharedRaces();

it.runIf(here).each(FOLDERS)('what a box sends is read as the same race as what it saw: %s', folder => {
  let reports = 0;
  for (const file of readdirSync(`${SHARED_RACES}${folder}`)) {
    for (const { report } of findIn(sharedText(`${folder}/${file}`))) {
      reports++;
      const { key, variant } = fingerprintOf(report, OPTIONS);
      const again = findIn(reportText(report)).map(found => fingerprintOf(found.report, OPTIONS));
      expect(again, file).toMatchObject([{ key, variant }]);
    }
  }
  expect(reports).toBeGreaterThan(0);
});
