import type { Actor } from '../http/call.ts';
import { pipelineStatus } from '../present/commit.ts';
import { type MergeInput, mergeNow } from './merge.ts';
import { checkMergeability, stateBlocker } from './mergeability.ts';
import { headPipeline } from './pipelines.ts';
import type { MergeRequestRecord, ProjectRecord } from './records.ts';
import { later, type World } from './world.ts';

interface Order {
  actor: Actor;
  input: MergeInput;
}

const orders = new WeakMap<MergeRequestRecord, Order>();

/** "Merge when pipeline succeeds": remembers who wanted it and how. */
export function setAutoMerge(item: MergeRequestRecord, order: Order): void {
  item.mergeWhenPipelineSucceeds = true;
  orders.set(item, order);
}

/** After a pipeline has changed: merges in the background what was waiting for its success. */
export function mergeWhatWaited(world: World, project: ProjectRecord, sha: string): void {
  for (const item of project.mergeRequests.values()) {
    const order = orders.get(item);
    const pipeline = headPipeline(project, item);
    if (order === undefined || item.headSha !== sha || !item.mergeWhenPipelineSucceeds || pipeline === undefined)
      continue;
    if (pipelineStatus(project, pipeline.id) !== 'success') continue;
    later(world, async () => {
      await checkMergeability(project, item);
      if (item.mergeStatus !== 'can_be_merged' || stateBlocker(world, project, item) !== null) return;
      await mergeNow(world, order.actor, project, item, order.input);
    });
  }
}
