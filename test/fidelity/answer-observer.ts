import { appendFileSync } from 'node:fs';
import type { AnswerSeen } from '../../src/sandbox/gitlab/service.ts';
import { validateAnswer } from './validate-answer.ts';

/** GitLab's schemas are of one version; older and newer ones have other fields on purpose. */
const VERSION = /^18\./;

/** What SIGNALBOX_SANDBOX_OBSERVER loads: writes every fault to the file that SIGNALBOX_ANSWER_FAULTS names. */
export function onAnswer({ method, path, query, status, body, version }: AnswerSeen): void {
  const file = process.env['SIGNALBOX_ANSWER_FAULTS'];
  if (file === undefined || !VERSION.test(version)) return;
  const faults = validateAnswer(method, path + query, status, body) ?? [];
  if (faults.length > 0) appendFileSync(file, faults.map(fault => `${fault}\n`).join(''));
}
