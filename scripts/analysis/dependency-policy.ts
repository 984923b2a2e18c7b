import { readFileSync } from "node:fs";

import { z } from "zod";

const reasons = z.record(z.string(), z.string().min(1));

const policySchema = z.strictObject({
  /** SPDX ids. */
  licences: z.array(z.string()),
  /** Licences of packages that do not declare theirs, by name. */
  undeclared: z.record(z.string(), z.strictObject({ licence: z.string(), reason: z.string().min(1) })),
  /** Packages that may have an install script, by name. */
  installScripts: reasons,
  /** Packages that may be deprecated, by name. */
  deprecated: reasons,
  /** Advisories that are known and borne, until a day: `YYYY-MM-DD`, inclusive. */
  advisories: z.record(z.string(), z.strictObject({ reason: z.string().min(1), until: z.iso.date() })),
});

/** What dependencies may be and do; each exception has its reason. */
export type DependencyPolicy = z.infer<typeof policySchema>;

export const POLICY_FILE = "scripts/analysis/dependency-policy.json";

/** @throws ZodError if the file is not of this shape. */
export function readPolicy(): DependencyPolicy {
  return policySchema.parse(JSON.parse(readFileSync(POLICY_FILE, "utf8")));
}
