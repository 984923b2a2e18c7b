import { z } from "zod";

import type { DependencyPolicy } from "./dependency-policy.ts";

const viaSchema = z.union([
  z.string(),
  z.object({ name: z.string(), title: z.string(), url: z.string(), severity: z.string(), range: z.string() }),
]);

/** What `npm audit --json` answers where it could ask: report version 2. */
export const npmAuditSchema = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(z.string(), z.object({ via: z.array(viaSchema) })),
});

export interface AdvisoryVerdict {
  /** Advisories that no exception of the policy bears, or bears no more. */
  readonly open: readonly string[];
  readonly borne: readonly string[];
  /** Exceptions for advisories that are not reported any more. */
  readonly stale: readonly string[];
}

/**
 * Parts what npm reports by the policy.
 * @param today `YYYY-MM-DD`; an exception holds on its last day.
 */
export function judgeAdvisories(
  audit: z.infer<typeof npmAuditSchema>,
  policy: DependencyPolicy,
  today: string,
): AdvisoryVerdict {
  const reported = new Map<string, string>();
  for (const { via } of Object.values(audit.vulnerabilities)) {
    for (const cause of via) {
      if (typeof cause === "string") continue; // a package whose dependency it is; the cause stands with that one
      const id = cause.url.slice(cause.url.lastIndexOf("/") + 1);
      reported.set(id, `${id}  ${cause.severity}  ${cause.name} ${cause.range}: ${cause.title}`);
    }
  }
  const isBorne = (id: string) => today <= (policy.advisories[id]?.until ?? "");
  return {
    open: [...reported].filter(([id]) => !isBorne(id)).map(([, text]) => text),
    borne: [...reported].filter(([id]) => isBorne(id)).map(([, text]) => text),
    stale: Object.keys(policy.advisories).filter((id) => !reported.has(id)),
  };
}
