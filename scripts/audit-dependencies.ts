import { readFileSync } from "node:fs";

import { problemsOf } from "./analysis/dependencies.ts";
import { POLICY_FILE, readPolicy } from "./analysis/dependency-policy.ts";
import { parseLockfile } from "./analysis/lockfile.ts";

/**
 * Holds the lockfile against the policy: hashes, origins, licences, install scripts, deprecations. Needs no network; advisories are
 * another command's, `audit:advisories`.
 */
const packages = parseLockfile(readFileSync("package-lock.json", "utf8"));
const problems = problemsOf(packages, readPolicy());
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(
  `${Object.keys(packages).length - 1} packages, ${problems.length} against the policy (${POLICY_FILE})\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
