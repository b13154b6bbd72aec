import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** The whole test suite with every answer of every sandbox checked: `vitest run --config test/fidelity/every-answer.config.ts`. */
// biome-ignore lint/style/noDefaultExport: what vitest reads
export default mergeConfig(
  base,
  defineConfig({
    test: {
      root: fileURLToPath(new URL('../..', import.meta.url)),
      setupFiles: ['test/fidelity/check-every-answer.ts'],
    },
  }),
);
