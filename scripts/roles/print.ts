import type { Deployment } from "../../sdk/deployment.ts";
import { isPlainText } from "../../sdk/plain-text.ts";
import type { RolesReport } from "./check-roles.ts";
import { FINDINGS } from "./findings.ts";
import type { Caller, Right } from "./rights.ts";
import { roleName } from "./roles-of-deployment.ts";
import { delayText, timeText } from "./times.ts";

type Write = (line: string) => void;

export function printRoles(deployment: Deployment, report: RolesReport, write: Write): void {
  const { block, state, pending, findings, notes } = report;
  const { chainId, network, contracts } = deployment;
  write(`AccessManager ${contracts.manager} on chain ${chainId} (${network})`);
  write(`as of block ${block.number} (${block.hash}), ${timeText(block.timestamp)}`);
  const labels = plainLabels(report);

  write("\nRoles");
  for (const { role, admin, guardian, grantDelay, members } of state.roles.values()) {
    const name = roleName(role, labels);
    write(
      `  ${name}: granted by ${roleName(admin, labels)}, in effect ${afterText(grantDelay)}; guarded by ${roleName(guardian, labels)}`,
    );
    for (const { account, delay, since } of members) {
      write(
        `    ${account}  ${delay === 0 ? "acts at once" : `acts ${delayText(delay)} after scheduling`}, since ${timeText(since)}`,
      );
    }
    if (members.length === 0) write("    nobody");
  }
  write("\nWho may call");
  for (const right of report.rights) printRight(right, labels, write);
  write(`\nPending${pending.length === 0 ? ": nothing" : ""}`);
  for (const { kind, subject, from, detail } of pending)
    write(`  ${timeText(from)}  ${kind}  ${subject}\n    ${detail}`);
  if (notes.length > 0) write("");
  for (const note of notes) write(`Note: ${note}`);
  write("");
  for (const { code, subject, detail } of findings) write(`${code}: ${subject}\n    ${detail}\n    ${FINDINGS[code]}`);
  write(findings.length === 0 ? "Nothing unexpected." : `${findings.length} unexpected.`);
}

function printRight(right: Right, labels: ReadonlyMap<bigint, string>, write: Write): void {
  const { contract, functions, about, role, callers, takesEffectAfter } = right;
  const effect = takesEffectAfter === 0 ? "" : `, in effect ${afterText(takesEffectAfter)}`;
  const subject = about === null ? "" : ` of ${about}`;
  write(`  ${contract}: ${functions.join(", ")}${subject}, by ${roleName(role, labels)}${effect}`);
  if (callers === null) write("    everybody");
  else if (callers.length === 0) write("    nobody");
  else for (const caller of callers) write(`    ${callerText(caller)}`);
}

function callerText({ account, delay, from }: Caller): string {
  return `${account}  ${afterText(delay)}${from === null ? "" : `, from ${timeText(from)} on`}`;
}

function afterText(seconds: number): string {
  return seconds === 0 ? "at once" : `after ${delayText(seconds)}`;
}

/** What an administrator called a role; only what cannot be taken for something else. */
function plainLabels({ labels }: RolesReport): ReadonlyMap<bigint, string> {
  return new Map(
    [...labels].filter(([, label]) => isPlainText(label, 40)).map(([role, label]) => [role, `"${label}"`]),
  );
}

/** The report as one object: roles and other large whole numbers as decimal strings, maps as objects. */
export function rolesJson({ chainId }: Deployment, report: RolesReport): string {
  const { ok, block, state, rights, pending, findings, notes } = report;
  const roles = [...state.roles.values()];
  const targets = [...state.targets.values()];
  const codeHashes = state.codeHashes;
  const value = { ok, chainId, block, roles, targets, codeHashes, rights, pending, findings, notes };
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === "bigint") return item.toString();
    return item instanceof Map ? Object.fromEntries(item as ReadonlyMap<string, unknown>) : item;
  });
}
