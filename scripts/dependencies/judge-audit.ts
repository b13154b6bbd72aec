import { z } from 'zod';

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;

/** What `npm audit --json` prints. */
const report = z.union([
  z.object({
    vulnerabilities: z.record(
      z.string(),
      z.object({
        severity: z.enum(SEVERITIES),
        range: z.string(),
        nodes: z.array(z.string()),
        via: z.array(z.union([z.string(), z.looseObject({ title: z.string(), url: z.string().optional() })])),
      }),
    ),
  }),
  z.object({ message: z.string() }),
]);

export type AuditVerdict =
  | { ran: true; faults: string[]; warnings: string[] }
  /** Nothing is known then, neither good nor bad. */
  | { ran: false; because: string };

/**
 * Known holes from `high` on are faults in what we ship, and warnings in what only builds and tests it; smaller ones are warnings.
 *
 * @param isShipped by the place in the lock file
 */
export function judgeAudit(printed: string, isShipped: (place: string) => boolean): AuditVerdict {
  const parsed = report.safeParse(parse(printed));
  if (!parsed.success) return { ran: false, because: `npm audit printed ${JSON.stringify(printed.slice(0, 200))}` };
  if ('message' in parsed.data) return { ran: false, because: parsed.data.message };
  const faults: string[] = [];
  const warnings: string[] = [];
  for (const [name, { severity, range, nodes, via }] of Object.entries(parsed.data.vulnerabilities)) {
    const titles = via.map(each =>
      typeof each === 'string' ? `by ${each}` : `${each.title} ${each.url ?? ''}`.trim(),
    );
    const line = `${severity}: ${name} ${range}: ${titles.join('; ')}`;
    const isFault = SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf('high') && nodes.some(isShipped);
    (isFault ? faults : warnings).push(line);
  }
  return { ran: true, faults, warnings };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
