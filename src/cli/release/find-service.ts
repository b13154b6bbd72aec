import { readFile } from 'node:fs/promises';
import { loadConfig } from '../../config/load-config.ts';
import { SignalboxError } from '../../errors.ts';
import { readControl } from '../../service/control-file.ts';
import { answers } from '../answers.ts';

export interface ServiceOptions {
  service?: string;
  tokenFile?: string;
  config: string;
}

/** Where the service is, and what this command shows it. */
export interface ServiceAddress {
  url: string;
  token: string;
  /** The same after a restart: the service that runs here has a new token each time, and may have another port. */
  renewed?: () => ServiceAddress;
}

/**
 * The service that a release command speaks to: the one named by `--service` or SIGNALBOX_URL, with the credential from
 * `--token-file` or SIGNALBOX_TOKEN; else the one that runs on this machine with this configuration.
 *
 * @throws SignalboxError SBX_USAGE, SBX_SECRET_UNREADABLE, SBX_SERVICE_NOT_RUNNING, SBX_CONFIG_…
 */
export async function findService(
  options: ServiceOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ServiceAddress> {
  const url = options.service ?? (environment['SIGNALBOX_URL'] || undefined);
  const token = await readToken(options.tokenFile, environment['SIGNALBOX_TOKEN']);
  if (url !== undefined) {
    if (!URL.canParse(url))
      throw new SignalboxError('SBX_USAGE', `${url} is no address: write https://signalbox.example.com`);
    if (token === undefined) {
      throw new SignalboxError(
        'SBX_USAGE',
        'a credential is missing: name its file with --token-file, or set SIGNALBOX_TOKEN',
      );
    }
    return { url: url.replace(/\/+$/, ''), token };
  }
  const { settings } = await loadConfig(options.config, { environment });
  const here = () => {
    const control = readControl(settings.service.data_dir);
    return control && { url: control.url, token: token ?? control.token };
  };
  const found = here();
  if (!found || !(await answers(found.url)))
    throw new SignalboxError('SBX_SERVICE_NOT_RUNNING', settings.service.data_dir);
  return { ...found, renewed: () => here() ?? found };
}

async function readToken(file: string | undefined, fromEnvironment: string | undefined): Promise<string | undefined> {
  if (file === undefined) return fromEnvironment?.trim() || undefined;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SignalboxError('SBX_SECRET_UNREADABLE', `${file}: ${(cause as Error).message}`, { cause });
  });
  if (text.trim() === '') throw new SignalboxError('SBX_SECRET_UNREADABLE', `${file} is empty`);
  return text.trim();
}
