import { hash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Automation } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, RELEASE, type ReleaseDocument } from '../model.ts';
import { readAll } from '../read-all.ts';
import { decide, type PublishAction, type PublishFacts } from './decide.ts';
import { type NamedChannel, renderTree } from './render-tree.ts';

export interface PublishContext {
  documents: Documents;
  /** The directory that holds one directory for each product. */
  directory: string;
}

/** The reconciler of `publish:<product>`: the files that an update server reads say what the channels say. */
export function publish(context: PublishContext): Automation<PublishFacts, PublishAction> {
  return {
    name: 'release-files',
    kind: 'publish',
    standing: true,
    gather: async look => {
      const product = look.subject;
      const tree = await treeOf(context.documents, product);
      const wanted = Object.fromEntries([...tree].map(([file, text]) => [file, digest(text)]));
      return { product, wanted, existing: await existingFiles(join(context.directory, product)) };
    },
    decide,
    effect: (action, { product }) => {
      const path = join(context.directory, product, action.file);
      return {
        name: `${action.type} ${action.file}`,
        summary: action.summary,
        do: async () => {
          if (action.type === 'remove') await rm(path, { force: true });
          else await writeWhole(path, (await treeOf(context.documents, product)).get(action.file) ?? '');
          return { file: action.file };
        },
      };
    },
  };
}

async function treeOf(documents: Documents, product: string): Promise<Map<string, string>> {
  const releases = await readAll<ReleaseDocument>(documents, RELEASE, `${product}/`);
  const channels = await readAll<Channel>(documents, CHANNEL, `${product}/`);
  const named = channels.map(({ id, body }): NamedChannel => {
    const [, line = '', environment = ''] = id.split('/');
    return { line, environment, channel: body };
  });
  return renderTree(
    product,
    releases.map(({ body }) => body),
    named,
  );
}

async function existingFiles(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const pairs = files.map(async file => {
    // Gone again, when somebody else has just put it in its place.
    const text = await readFile(file, 'utf8').catch(() => null);
    return text === null ? [] : [[relative(directory, file), digest(text)] as const];
  });
  return Object.fromEntries((await Promise.all(pairs)).flat());
}

/** A reader sees the old file or the new one, also after a power cut, and whoever else writes the same at the same time. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const own = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(own, 'w', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(own, path);
  } catch (error) {
    await rm(own, { force: true });
    throw error;
  }
}

function digest(text: string): string {
  return hash('sha256', text, 'hex');
}
