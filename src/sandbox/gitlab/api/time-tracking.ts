import { invalid } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { requiredText } from '../http/input.ts';
import { timeStats } from '../present/issuable.ts';
import { actorOf } from '../state/access.ts';
import { seconds } from './duration.ts';
import { type Kind, noteableOf } from './noteables.ts';

type Change = 'set_estimate' | 'reset_estimate' | 'add_spent' | 'reset_spent';

export function getTimeStats(kind: Kind): (call: Call) => Answer {
  return call => ok(timeStats(noteableOf(call, kind).noteable));
}

export function changeTime(kind: Kind, change: Change): (call: Call) => Answer {
  return call => {
    const { noteable } = noteableOf(call, kind);
    actorOf(call);
    const given =
      change === 'set_estimate' || change === 'add_spent' ? seconds(requiredText(call.input, 'duration')) : 0;
    if (given === null) throw invalid({ base: ['Time tracking is invalid'] });
    if (change === 'set_estimate' || change === 'reset_estimate') noteable.timeEstimate = given;
    else noteable.timeSpent = change === 'reset_spent' ? 0 : Math.max(0, noteable.timeSpent + given);
    return change === 'add_spent' || change === 'set_estimate' ? created(timeStats(noteable)) : ok(timeStats(noteable));
  };
}
