/** What a userscript says of itself, as far as a manager acts on it. */
export interface Metadata {
  matches: string[];
  connects: string[];
  grants: string[];
  noFrames: boolean;
  version: string;
}

export function readMetadata(source: string): Metadata {
  const block = /^\/\/ ==UserScript==\n([\s\S]*?)^\/\/ ==\/UserScript==$/m.exec(source)?.[1];
  if (block === undefined) throw new Error('the script has no block of metadata');
  const all = (key: string) =>
    [...block.matchAll(/^\/\/ @(\S+)(?:[ \t]+(.*?))?[ \t]*$/gm)].filter(row => row[1] === key).map(row => row[2] ?? '');
  return {
    matches: all('match'),
    connects: all('connect'),
    grants: all('grant'),
    noFrames: all('noframes').length > 0,
    version: all('version')[0] ?? '',
  };
}
