import { spawnSync } from "node:child_process";

import { judgeAdvisories, npmAuditSchema } from "./analysis/advisories.ts";
import { POLICY_FILE, readPolicy } from "./analysis/dependency-policy.ts";

/**
 * Asks the registry for advisories about the locked packages, and fails on each that the policy does not bear.
 * Exit status 3: the registry answers no such question (a mirror need not), so nothing is known.
 */
const NOTHING_ASKED = 3;

const { stdout, stderr } = spawnSync("npm", ["audit", "--json", "--loglevel=warn"], {
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
  shell: process.platform === "win32",
});
const report = npmAuditSchema.safeParse(parsed(stdout));
if (report.success) {
  const { open, borne, stale } = judgeAdvisories(report.data, readPolicy(), new Date().toISOString().slice(0, 10));
  for (const text of open) process.stdout.write(`${text}\n`);
  for (const text of borne) process.stdout.write(`borne: ${text}\n`);
  for (const id of stale) process.stdout.write(`${id} is reported no more; take it out of ${POLICY_FILE}\n`);
  process.stdout.write(`${open.length} advisories open, ${borne.length} borne\n`);
  process.exitCode = open.length + stale.length === 0 ? 0 : 1;
} else {
  const reason = stderr.split("\n")[0]?.replace(/https?:\/\/\S+/g, "the registry");
  process.stderr.write(`No advisories were asked for: the registry does not answer (${reason})\n`);
  process.exitCode = NOTHING_ASKED;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
