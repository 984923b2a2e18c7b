import type { DependencyPolicy } from "./dependency-policy.ts";
import { isAllowed } from "./licences.ts";
import { type Locked, nameAt, type Packages } from "./lockfile.ts";

/** A tarball of a registry's: `…/name/-/file.tgz`, over TLS, on whichever host. */
const TARBALL = /^https:\/\/[^/]+\/.+\/-\/[^/]+\.tgz$/;
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/**
 * What is wrong with the packages of a lockfile, a sentence each; and exceptions of the policy that nothing needs any more.
 * Looks at what is written in the lockfile only, so it needs no network.
 */
export function problemsOf(packages: Packages, policy: DependencyPolicy): string[] {
  const allowed = new Set(policy.licences);
  const problems: string[] = [];
  const used = { undeclared: new Set<string>(), installScripts: new Set<string>(), deprecated: new Set<string>() };

  for (const [place, locked] of Object.entries(packages)) {
    if (place === "") continue;
    const name = nameAt(packages, place);
    const say = (problem: string) => problems.push(`${name}@${locked.version ?? "?"} ${problem}`);

    for (const problem of originProblems(locked)) say(problem);

    const licence = locked.license ?? policy.undeclared[name]?.licence;
    if (locked.license === undefined) used.undeclared.add(name);
    if (licence === undefined) say("declares no licence");
    else if (!isAllowed(licence, allowed)) say(`has the licence ${licence}, which is not allowed`);

    if (locked.hasInstallScript) {
      used.installScripts.add(name);
      if (policy.installScripts[name] === undefined) say("has an install script, and is not known for it");
    }
    if (locked.deprecated !== undefined) {
      used.deprecated.add(name);
      if (policy.deprecated[name] === undefined) say(`is deprecated: ${locked.deprecated}`);
    }
  }
  for (const kind of ["undeclared", "installScripts", "deprecated"] as const) {
    for (const name of Object.keys(policy[kind])) {
      if (!used[kind].has(name)) problems.push(`The policy's exception ${kind}: ${name} is needed no more`);
    }
  }
  return problems;
}

/** Where a package comes from, and whether it is nailed down to its bytes. */
function originProblems({ link, resolved, integrity }: Locked): string[] {
  const problems: string[] = [];
  if (link) problems.push("is a link, not a package");
  if (resolved !== undefined && !TARBALL.test(resolved)) problems.push("does not come from a registry over TLS");
  if (integrity === undefined || !SHA512.test(integrity)) problems.push("has no SHA-512 of its tarball");
  return problems;
}
