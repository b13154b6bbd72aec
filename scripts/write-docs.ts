/** Writes the pages of the documentation that come from the code. */
import { readFile, writeFile } from 'node:fs/promises';
import { configReference } from '../src/config/config-reference.ts';
import { errorReference } from '../src/error-reference.ts';
import { metricsReference } from '../src/service/metrics/catalogue.ts';
import { cliReference } from './cli-reference.ts';
import { journalReference } from './journal-reference.ts';
import { troubleshootingPage } from './troubleshooting-page.ts';

await writeFile(new URL('../docs/config.md', import.meta.url), configReference());
await writeFile(new URL('../docs/errors.md', import.meta.url), errorReference());
await writeFile(new URL('../docs/metrics.md', import.meta.url), metricsReference());
await writeFile(new URL('../docs/cli.md', import.meta.url), await cliReference());
await writeFile(new URL('../docs/journal.md', import.meta.url), journalReference());

const troubleshooting = new URL('../docs/troubleshooting.md', import.meta.url);
await writeFile(troubleshooting, troubleshootingPage(await readFile(troubleshooting, 'utf8')));
