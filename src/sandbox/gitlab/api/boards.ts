import { badParameter, notFound, refuse } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent, ok } from '../http/call.ts';
import { bool, has, integer, pathInteger, requiredInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentGroup } from '../present/group.ts';
import { presentLabelDetail } from '../present/label.ts';
import { presentProjectBasic } from '../present/project.ts';
import { groupOf, projectGroups, projectOf } from '../state/access.ts';
import {
  ACCESS,
  type BoardListRecord,
  type BoardRecord,
  type GroupRecord,
  type LabelRecord,
  type ProjectRecord,
} from '../state/records.ts';
import { nextId } from '../state/world.ts';

type Scope = 'project' | 'group';
type Owner = ProjectRecord | GroupRecord;

function ownerOf(call: Call, scope: Scope, minimum = 0): Owner {
  return scope === 'project' ? projectOf(call, minimum) : groupOf(call, minimum);
}

function labels(call: Call, owner: Owner): LabelRecord[] {
  const groups = 'repository' in owner ? projectGroups(call.world, owner) : [];
  return [owner, ...groups].flatMap(holder => [...holder.labels.values()]);
}

function presentList(call: Call, owner: Owner, list: BoardListRecord): Record<string, unknown> {
  const label = labels(call, owner).find(candidate => candidate.id === list.labelId);
  const paid = call.world.settings.tier !== 'free';
  return {
    id: list.id,
    label: label === undefined ? null : presentLabelDetail(call.world, label),
    position: list.position,
    ...(paid ? { max_issue_count: list.maxIssueCount, max_issue_weight: list.maxIssueWeight, limit_metric: null } : {}),
  };
}

function present(call: Call, owner: Owner, board: BoardRecord): Record<string, unknown> {
  const project = 'repository' in owner ? owner : null;
  return {
    id: board.id,
    name: board.name,
    hide_backlog_list: board.hideBacklogList,
    hide_closed_list: board.hideClosedList,
    project: project === null ? null : presentProjectBasic(call.world, project),
    ...(project === null ? { group: presentGroup(call.world, owner as GroupRecord) } : {}),
    lists: ordered(board).map(list => presentList(call, owner, list)),
    ...(call.world.settings.tier === 'free' ? {} : { milestone: null, assignee: null, labels: [], weight: null }),
  };
}

function ordered(board: BoardRecord): BoardListRecord[] {
  return [...board.lists].sort((a, b) => a.position - b.position);
}

export function listBoards(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    return offsetPage(call, [...owner.boards.values()], board => present(call, owner, board));
  };
}

function boardOf(call: Call, owner: Owner): BoardRecord {
  const board = owner.boards.get(pathInteger(call, 'board_id'));
  if (board === undefined) throw notFound('Board');
  return board;
}

export function getBoard(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    return ok(present(call, owner, boardOf(call, owner)));
  };
}

export function postBoard(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const id = nextId(call.world, 'boards');
    const board: BoardRecord = {
      id,
      name: requiredText(call.input, 'name'),
      projectId: scope === 'project' ? owner.id : null,
      groupId: scope === 'group' ? owner.id : null,
      hideBacklogList: false,
      hideClosedList: false,
      lists: [],
    };
    owner.boards.set(id, board);
    return created(present(call, owner, board));
  };
}

export function putBoard(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const board = boardOf(call, owner);
    board.name = text(call.input, 'name') ?? board.name;
    board.hideBacklogList = bool(call.input, 'hide_backlog_list') ?? board.hideBacklogList;
    board.hideClosedList = bool(call.input, 'hide_closed_list') ?? board.hideClosedList;
    return ok(present(call, owner, board));
  };
}

export function deleteBoard(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    owner.boards.delete(boardOf(call, owner).id);
    return noContent();
  };
}

export function listLists(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    return offsetPage(call, ordered(boardOf(call, owner)), list => presentList(call, owner, list));
  };
}

function listOf(call: Call, board: BoardRecord): BoardListRecord {
  const id = pathInteger(call, 'list_id');
  const list = board.lists.find(candidate => candidate.id === id);
  if (list === undefined) throw notFound('List');
  return list;
}

export function getList(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope);
    return ok(presentList(call, owner, listOf(call, boardOf(call, owner))));
  };
}

export function postList(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const board = boardOf(call, owner);
    if (!['label_id', 'milestone_id', 'assignee_id', 'iteration_id'].some(name => has(call.input, name))) {
      throw badParameter(
        'label_id, milestone_id, iteration_id, assignee_id are missing, exactly one parameter must be provided',
      );
    }
    const labelId = integer(call.input, 'label_id');
    if (!labels(call, owner).some(label => label.id === labelId)) throw refuse(400, { error: 'Label not found!' });
    if (board.lists.some(list => list.labelId === labelId)) throw refuse(400, ['Label has already been taken']);
    const list: BoardListRecord = {
      id: nextId(call.world, 'lists'),
      labelId,
      milestoneId: null,
      assigneeId: null,
      position: board.lists.length,
      maxIssueCount: 0,
      maxIssueWeight: 0,
    };
    board.lists.push(list);
    return created(presentList(call, owner, list));
  };
}

/** Moves a list; the others close ranks. */
export function putList(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const board = boardOf(call, owner);
    const list = listOf(call, board);
    const position = requiredInteger(call.input, 'position');
    const others = ordered(board).filter(candidate => candidate !== list);
    others.splice(Math.max(0, Math.min(position, others.length)), 0, list);
    for (const [index, candidate] of others.entries()) candidate.position = index;
    return ok(presentList(call, owner, list));
  };
}

export function deleteList(scope: Scope): (call: Call) => Answer {
  return call => {
    const owner = ownerOf(call, scope, ACCESS.planner);
    const board = boardOf(call, owner);
    const gone = listOf(call, board);
    board.lists = ordered(board).filter(list => list !== gone);
    for (const [index, list] of board.lists.entries()) list.position = index;
    return noContent();
  };
}
