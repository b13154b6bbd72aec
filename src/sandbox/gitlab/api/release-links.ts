import { invalid, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, ok } from '../http/call.ts';
import { demand, oneOf, pathInteger, requiredText, text } from '../http/input.ts';
import { offsetPage } from '../http/paginate.ts';
import { projectUrl } from '../present/urls.ts';
import { codeProjectOf } from '../state/access.ts';
import { ACCESS, type ProjectRecord, type ReleaseRecord } from '../state/records.ts';
import { nextId, type World } from '../state/world.ts';

type Link = ReleaseRecord['links'][number];
const TYPES = ['other', 'runbook', 'image', 'package'] as const;

export function linkOf(world: World, input: Record<string, unknown>): Link {
  demand(input, 'name', 'url');
  const url = requiredText(input, 'url');
  if (!/^(https?|ftp):\/\/\S+$/.test(url))
    throw invalid({ url: ['is blocked: Only allowed schemes are http, https, ftp'] });
  return {
    id: nextId(world, 'release_links'),
    name: requiredText(input, 'name'),
    url,
    linkType: oneOf(input, 'link_type', TYPES) ?? 'other',
    filePath: text(input, 'direct_asset_path') ?? text(input, 'filepath'),
  };
}

function present(call: Call, project: ProjectRecord, tag: string, link: Link): Record<string, unknown> {
  const direct = `${projectUrl(call.world, project)}/-/releases/${encodeURIComponent(tag)}/downloads${link.filePath ?? ''}`;
  return {
    id: link.id,
    name: link.name,
    url: link.url,
    direct_asset_url: link.filePath === null ? link.url : direct,
    link_type: link.linkType,
  };
}

function find(call: Call, minimum = 0): { project: ProjectRecord; release: ReleaseRecord } {
  const project = codeProjectOf(call, minimum);
  const release = project.releases.get(call.params['tag_name'] ?? '');
  if (release === undefined) throw notFound();
  return { project, release };
}

function one(call: Call, release: ReleaseRecord): Link {
  const id = pathInteger(call, 'link_id');
  const link = release.links.find(candidate => candidate.id === id);
  if (link === undefined) throw notFound();
  return link;
}

export function listLinks(call: Call): Answer {
  const { project, release } = find(call);
  return offsetPage(call, [...release.links].reverse(), link => present(call, project, release.tag, link));
}

export function getLink(call: Call): Answer {
  const { project, release } = find(call);
  return ok(present(call, project, release.tag, one(call, release)));
}

export function postLink(call: Call): Answer {
  const { project, release } = find(call, ACCESS.developer);
  const link = linkOf(call.world, call.input);
  if (release.links.some(other => other.url === link.url)) throw invalid({ url: ['has already been taken'] });
  release.links.push(link);
  return created(present(call, project, release.tag, link));
}

export function putLink(call: Call): Answer {
  const { project, release } = find(call, ACCESS.developer);
  const link = one(call, release);
  link.name = text(call.input, 'name') ?? link.name;
  link.url = text(call.input, 'url') ?? link.url;
  link.linkType = oneOf(call.input, 'link_type', TYPES) ?? link.linkType;
  link.filePath = text(call.input, 'direct_asset_path') ?? text(call.input, 'filepath') ?? link.filePath;
  return ok(present(call, project, release.tag, link));
}

export function deleteLink(call: Call): Answer {
  const { project, release } = find(call, ACCESS.developer);
  const link = one(call, release);
  release.links.splice(release.links.indexOf(link), 1);
  return ok(present(call, project, release.tag, link));
}
