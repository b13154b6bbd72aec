import type { Environment } from '../config/environment.ts';
import { loadConfig } from '../config/load-config.ts';
import { SignalboxError } from '../errors.ts';
import type { Service } from '../service/compose.ts';

/** Reads the configuration again. A bad one is not used: the log says what is wrong, and the service goes on as it is. */
export async function reloadConfig(service: Service, file: string, environment: Environment): Promise<void> {
  try {
    const { settings } = await loadConfig(file, { environment });
    await service.reload(settings);
  } catch (error) {
    const known = error instanceof SignalboxError ? error : undefined;
    service.log.error('the configuration was not read again; the earlier one stays in use', {
      code: known?.code ?? 'SBX_INTERNAL',
      detail: known?.detail ?? String(error),
      faults: known?.faults ?? [],
    });
  }
}
