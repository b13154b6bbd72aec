import {
  deleteProtected,
  getProtected,
  listProtected,
  patchProtectedBranch,
  postProtected,
  protectBranch,
} from '../api/protected-refs.ts';
import { deleteLink, getLink, listLinks, postLink, putLink } from '../api/release-links.ts';
import { deleteRelease, getLatestRelease, getRelease, listReleases, postRelease, putRelease } from '../api/releases.ts';
import { searchAll, searchGroup, searchProject } from '../api/search.ts';
import { deleteUpload, downloadUpload, listUploads, postUpload } from '../api/uploads.ts';
import type { RouteLine } from './route-line.ts';

const release = '/projects/:id/releases/:tag_name';

/** Releases (which a CI job may make), protected refs, uploads, search. */
export const publishingRoutes: RouteLine[] = [
  ['GET', '/projects/:id/releases', listReleases, 'job'],
  ['POST', '/projects/:id/releases', postRelease, 'job'],
  ['GET', '/projects/:id/releases/permalink/latest', getLatestRelease, 'job'],
  ['GET', release, getRelease, 'job'],
  ['PUT', release, putRelease, 'job'],
  ['DELETE', release, deleteRelease, 'job'],
  ['GET', `${release}/assets/links`, listLinks, 'job'],
  ['POST', `${release}/assets/links`, postLink, 'job'],
  ['GET', `${release}/assets/links/:link_id`, getLink, 'job'],
  ['PUT', `${release}/assets/links/:link_id`, putLink, 'job'],
  ['DELETE', `${release}/assets/links/:link_id`, deleteLink, 'job'],

  ['GET', '/projects/:id/protected_branches', listProtected('branch')],
  ['POST', '/projects/:id/protected_branches', postProtected('branch')],
  ['GET', '/projects/:id/protected_branches/:name', getProtected('branch')],
  ['PATCH', '/projects/:id/protected_branches/:name', patchProtectedBranch],
  ['DELETE', '/projects/:id/protected_branches/:name', deleteProtected('branch')],
  ['GET', '/projects/:id/protected_tags', listProtected('tag')],
  ['POST', '/projects/:id/protected_tags', postProtected('tag')],
  ['GET', '/projects/:id/protected_tags/:name', getProtected('tag')],
  ['DELETE', '/projects/:id/protected_tags/:name', deleteProtected('tag')],
  ['PUT', '/projects/:id/repository/branches/:branch/protect', protectBranch(true)],
  ['PUT', '/projects/:id/repository/branches/:branch/unprotect', protectBranch(false)],

  ['GET', '/projects/:id/uploads', listUploads],
  ['POST', '/projects/:id/uploads', postUpload],
  ['GET', '/projects/:id/uploads/:upload_id', downloadUpload],
  ['GET', '/projects/:id/uploads/:upload_id/:filename', downloadUpload],
  ['DELETE', '/projects/:id/uploads/:upload_id', deleteUpload],
  ['DELETE', '/projects/:id/uploads/:upload_id/:filename', deleteUpload],

  ['GET', '/search', searchAll],
  ['GET', '/groups/:id/search', searchGroup],
  ['GET', '/groups/:id/-/search', searchGroup],
  ['GET', '/projects/:id/search', searchProject],
  ['GET', '/projects/:id/-/search', searchProject],
];
