import type { CommitInfo } from '../../git/repository.ts';
import { publish } from '../delivery/deliver.ts';
import type { Actor } from '../http/call.ts';
import { hookTime } from '../present/label.ts';
import { hookCommit } from '../present/merge-request.ts';
import { hookProject } from '../present/project.ts';
import { projectUrl } from '../present/urls.ts';
import type { ProjectRecord, ReleaseRecord } from '../state/records.ts';
import type { World } from '../state/world.ts';

export function releaseEvent(
  world: World,
  actor: Actor,
  project: ProjectRecord,
  release: ReleaseRecord,
  commit: CommitInfo | null,
  action: 'create' | 'update' | 'delete',
): void {
  publish(world, { project, actor, trigger: 'releases_events', eventName: 'Release Hook' }, () => ({
    id: release.id,
    created_at: hookTime(release.createdAt),
    description: release.description,
    name: release.name,
    released_at: hookTime(release.releasedAt),
    tag: release.tag,
    object_kind: 'release',
    project: hookProject(world, project),
    url: `${projectUrl(world, project)}/-/releases/${encodeURIComponent(release.tag)}`,
    action,
    assets: releaseAssets(world, project, release),
    commit: commit === null ? null : hookCommit(world, project, commit),
  }));
}

export function releaseAssets(world: World, project: ProjectRecord, release: ReleaseRecord): Record<string, unknown> {
  const tag = encodeURIComponent(release.tag);
  const archive = `${projectUrl(world, project)}/-/archive/${tag}/${project.path}-${tag.replaceAll('%2F', '-')}`;
  return {
    count: release.links.length + 4,
    links: release.links.map(link => ({
      id: link.id,
      name: link.name,
      url: link.url,
      direct_asset_url:
        link.filePath === null ? link.url : `${projectUrl(world, project)}/-/releases/${tag}/downloads${link.filePath}`,
      link_type: link.linkType,
      external: true,
    })),
    sources: ['zip', 'tar.gz', 'tar.bz2', 'tar'].map(format => ({ format, url: `${archive}.${format}` })),
  };
}
