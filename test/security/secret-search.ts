import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A text that must not be anywhere. */
export interface Secret {
  name: string;
  value: string;
}

/** Something that was written, sent or shown, and where. */
export interface Trace {
  where: string;
  bytes: Buffer;
}

/** In every form in which a program may have put it down: as it is, in JSON (of JSON), in an address, in base64 at any offset, in hex. */
export function formsOf({ value }: Secret): Buffer[] {
  const bytes = Buffer.from(value);
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  const texts = [value, inJson(value), inJson(inJson(value)), encodeURIComponent(value), bytes.toString('hex')];
  for (const offset of [0, 1, 2]) {
    // Without the characters at both ends, in which its neighbours have a part.
    const start = offset === 0 ? 0 : offset + 1;
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const core = encoded.slice(start, (offset + bytes.length) % 3 === 0 ? undefined : -1);
    texts.push(core, core.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(texts)].map(text => Buffer.from(text));
}

/** Where which secret is to be seen: each once in each place. */
export function findSecrets(traces: readonly Trace[], secrets: readonly Secret[]): string[] {
  return traces.flatMap(({ where, bytes }) =>
    secrets.flatMap(secret => {
      const form = formsOf(secret).find(each => bytes.includes(each));
      if (form === undefined) return [];
      const { name } = secret;
      const at = bytes.indexOf(form);
      const around = bytes.subarray(Math.max(0, at - 120), at + form.length + 20).toString('latin1');
      return [`${name} in ${where}: …${around.replaceAll(/[^\x20-\x7e]+/g, ' ')}…`];
    }),
  );
}

/** Every file below a directory, but those that `isLeftOut` names. */
export async function filesBelow(directory: string, isLeftOut: (path: string) => boolean): Promise<Trace[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const wanted = files.filter(file => !isLeftOut(file));
  return Promise.all(wanted.map(async file => ({ where: file, bytes: await readFile(file) })));
}
