import { decodeText, type TreeFile } from './decode-text.ts';
import { type Extraction, missed, toExtraction } from './extraction.ts';
import type { FileReading } from './extractor.ts';
import { matchPattern } from './match-pattern.ts';
import { readCmake, readDefine, readGoConst } from './read-source.ts';
import { readData } from './read-structured.ts';
import { readByName } from './well-known-files.ts';

/**
 * The version in one file of the repository.
 *
 * @param extractor which file, and how to read it
 * @param file what git has there at the commit; undefined if the commit has no such file
 */
export function extractFromFile(
  extractor: { file: string; read: FileReading },
  file: TreeFile | undefined,
): Extraction {
  const decoded = decodeText(file);
  if (!decoded.ok) return decoded;
  const { text } = decoded;
  const { read } = extractor;
  switch (read.as) {
    case 'detect':
      return readByName(extractor.file, text);
    case 'pattern':
      return readPattern(read.pattern, text);
    case 'json':
    case 'toml':
    case 'yaml':
    case 'xml':
      return readData(read.as, text, read.path);
    case 'cmake':
      return readCmake(text, read.name);
    case 'go':
      return readGoConst(text, read.name);
    case 'define':
      return readDefine(text, read.name);
  }
}

function readPattern(source: string, text: string): Extraction {
  const match = matchPattern(source, text);
  if (match.ok) return toExtraction(match.group);
  return missed('no-match', match.why === 'too-slow' ? 'the pattern took too long' : 'no line matches the pattern');
}
