import {
  type Accuracy,
  generatedReports,
  measureAccuracy,
  realReports,
} from '../../src/automations/races/testing/accuracy.ts';
import { haveSharedRaces } from '../../src/automations/races/testing/reports.ts';

/** Prints how well races are told apart, beside the plain rule on the same reports; returns whether the goals were reached. */
export async function printAccuracy(): Promise<boolean> {
  if (!haveSharedRaces()) return true;
  let reached = true;
  console.log(
    `${'reports'.padEnd(32)} precision  recall  surplus issues  hidden races  issues/races  missed  invented`,
  );
  const row = (name: string, found: Accuracy): string =>
    [
      name.padEnd(32),
      found.precision.toFixed(3).padStart(9),
      found.recall.toFixed(3).padStart(7),
      String(found.surplus).padStart(15),
      String(found.hidden).padStart(13),
      `${found.issues}/${found.races}`.padStart(13),
      String(found.missed).padStart(7),
      String(found.invented).padStart(9),
    ].join(' ');
  for (const [name, files] of [
    ['real', realReports()],
    ['generated', generatedReports()],
  ] as const) {
    const { ours, plain } = await measureAccuracy(files);
    console.log(row(`${name}: first function`, plain));
    console.log(row(`${name}: key v1`, ours));
    const good =
      ours.precision >= 0.95 && ours.recall >= 0.99 && ours.surplus <= 1 && ours.missed + ours.invented === 0;
    if (!good) reached = false;
  }
  return reached;
}
