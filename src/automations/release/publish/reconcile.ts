import type { Automation } from '../../../engine/automation.ts';
import type { Documents } from '../../../engine/documents/documents.ts';
import type { Channel } from '../channels/move-head.ts';
import { CHANNEL, RELEASE, type ReleaseDocument } from '../model.ts';
import { readAll } from '../read-all.ts';
import { decide, type PublishAction, type PublishFacts } from './decide.ts';
import { digest, type PublishedFiles } from './published-files.ts';
import { type NamedChannel, renderTree } from './render-tree.ts';

export interface PublishContext {
  documents: Documents;
  files: PublishedFiles;
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
      return { product, wanted, existing: await context.files.existing(product) };
    },
    decide,
    effect: (action, { product }) => {
      const { files, documents } = context;
      return {
        name: `${action.type} ${action.file}`,
        summary: action.summary,
        do: async () => {
          if (action.type === 'remove') await files.remove(product, action.file);
          else await files.write(product, action.file, (await treeOf(documents, product)).get(action.file) ?? '');
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
