import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A Chromium from an npm package: the headless shell, so it loads no extensions. */
export interface UnpackedChromium {
  executable: string;
  /** What its process needs on a machine that has neither its libraries nor a font. */
  environment: Record<string, string>;
}

const UNPACK = `import('@sparticuz/chromium').then(each => each.default.executablePath())`;

/**
 * Unpacks the Chromium of the npm package once for each version and machine. The package itself unpacks to a fixed place and
 * takes a file that is there for a whole one; so it unpacks in a process with a place of its own, which is then moved as one.
 */
export async function unpackChromium(): Promise<UnpackedChromium> {
  const packageDirectory = dirname(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))));
  const { version } = createRequire(import.meta.url)(join(packageDirectory, 'package.json')) as { version: string };
  const home = join(tmpdir(), `signalbox-chromium-${version}`);
  if (!existsSync(home)) await unpackTo(home);
  const libraries = [join(home, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return {
    executable: join(home, 'chromium'),
    environment: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: join(home, 'fonts.conf') },
  };
}

async function unpackTo(home: string): Promise<void> {
  const staging = await mkdtemp(`${home}-`);
  try {
    // With this variable it also brings the libraries that a bare machine does not have.
    const env = { ...process.env, TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' };
    await promisify(execFile)(process.execPath, ['-e', UNPACK], { cwd: import.meta.dirname, env });
    await writeFile(join(staging, 'fonts.conf'), fontsOf(home));
    await rename(staging, home);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Somebody else was faster: a directory with content is not replaced.
    if (!existsSync(join(home, 'chromium'))) throw error;
  }
}

function fontsOf(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(home, 'fonts', 'fonts')}</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
