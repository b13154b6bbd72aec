import { randomBytes } from 'node:crypto';
import { ApiError, badParameter, notFound } from '../http/api-error.ts';
import { type Answer, type Call, created, noContent } from '../http/call.ts';
import { offsetPage } from '../http/paginate.ts';
import { presentUserId } from '../present/user.ts';
import { actorOf, projectOf } from '../state/access.ts';
import { ACCESS, type ProjectRecord, type UploadRecord } from '../state/records.ts';
import { nextId, now, since } from '../state/world.ts';

/** What GitLab shows inline: such files get `![name](url)`. */
const EMBEDDED = /\.(png|jpe?g|gif|bmp|tiff|ico|webp|mp4|m4v|mov|webm|ogv|mp3|oga|ogg|spx|wav)$/i;

/** File names are made harmless as CarrierWave does: anything but letters, digits and `.-+_` becomes `_`. */
export function safeName(filename: string): string {
  const base = filename.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const clean = base.replaceAll(/[^\p{L}\p{N}\p{M}_.\-+]/gu, '_');
  return clean === '' || /^\.+$/.test(clean) ? `_${clean}` : clean;
}

export function postUpload(call: Call): Answer {
  const project = projectOf(call, ACCESS.guest);
  const { world } = call;
  const file = call.files.find(candidate => candidate.field === 'file');
  if (file === undefined) throw badParameter(call.input['file'] === undefined ? 'file is missing' : 'file is invalid');
  if (file.content.length > world.settings.maxAttachmentBytes) {
    throw new ApiError(413, { message: '413 Request Entity Too Large' });
  }
  const upload: UploadRecord = {
    id: nextId(world, 'uploads'),
    secret: randomBytes(16).toString('hex'),
    filename: safeName(file.filename),
    contentType: file.contentType,
    content: file.content,
    createdAt: now(world),
    userId: actorOf(call).user.id,
  };
  project.uploads.set(upload.secret, upload);
  const url = `/uploads/${upload.secret}/${upload.filename}`;
  const embedded = EMBEDDED.test(upload.filename);
  const alt = embedded ? upload.filename.replace(/\.[^.]+$/, '') : upload.filename;
  return created({
    ...(since(world, 17, 3) ? { id: upload.id } : {}),
    alt,
    url,
    ...(since(world, 17, 1)
      ? { full_path: `/-/project/${project.id}${url}` }
      : { full_path: `/${project.fullPath}${url}` }),
    markdown: `${embedded ? '!' : ''}[${alt}](${url})`,
  });
}

/** Listing and deleting: Maintainers, from 17.2 on. */
export function listUploads(call: Call): Answer {
  const project = uploadsProject(call);
  return offsetPage(call, [...project.uploads.values()].reverse(), upload => ({
    id: upload.id,
    size: upload.content.length,
    filename: upload.filename,
    created_at: upload.createdAt,
    uploaded_by: presentUserId(call.world, upload.userId),
  }));
}

function uploadsProject(call: Call): ProjectRecord {
  if (!since(call.world, 17, 2)) throw notFound();
  return projectOf(call, ACCESS.maintainer);
}

function uploadOf(call: Call, project: ProjectRecord): UploadRecord {
  const { upload_id: id, filename } = call.params;
  const upload =
    filename === undefined
      ? [...project.uploads.values()].find(candidate => String(candidate.id) === id)
      : project.uploads.get(id ?? '');
  if (upload === undefined || (filename !== undefined && upload.filename !== filename)) throw notFound('Upload');
  return upload;
}

/** By id for Maintainers; by secret and name for whoever knows them (17.4 and up). */
export function downloadUpload(call: Call): Answer {
  const project = call.params['filename'] === undefined ? uploadsProject(call) : projectOf(call);
  return fileAnswer(uploadOf(call, project));
}

export function fileAnswer(upload: UploadRecord): Answer {
  const embedded = EMBEDDED.test(upload.filename);
  return {
    status: 200,
    body: upload.content,
    headers: {
      'content-type': embedded ? upload.contentType : 'application/octet-stream',
      'content-disposition': `${embedded ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(upload.filename)}`,
    },
  };
}

export function deleteUpload(call: Call): Answer {
  const project = uploadsProject(call);
  project.uploads.delete(uploadOf(call, project).secret);
  return noContent();
}
