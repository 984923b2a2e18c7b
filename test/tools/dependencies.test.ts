import { expect } from "chai";

import { judgeAdvisories, npmAuditSchema } from "../../scripts/analysis/advisories.ts";
import { problemsOf } from "../../scripts/analysis/dependencies.ts";
import type { DependencyPolicy } from "../../scripts/analysis/dependency-policy.ts";
import { isAllowed } from "../../scripts/analysis/licences.ts";
import { parseLockfile } from "../../scripts/analysis/lockfile.ts";

const INTEGRITY = `sha512-${"A".repeat(86)}==`;
const POLICY: DependencyPolicy = {
  licences: ["MIT"],
  undeclared: {},
  installScripts: {},
  deprecated: {},
  advisories: {},
};

/** What is said of a project with one package, good but for `changes`. */
function problems(changes: object, policy: Partial<DependencyPolicy> = {}): string[] {
  const packages = { "": {}, "node_modules/a": { version: "1.0.0", integrity: INTEGRITY, license: "MIT", ...changes } };
  return problemsOf(parseLockfile(JSON.stringify({ lockfileVersion: 3, packages })), { ...POLICY, ...policy });
}

describe("the audit of dependencies", () => {
  it("has nothing to say of a good package, from whichever registry", () => {
    expect(problems({})).to.deep.equal([]);
    expect(problems({ resolved: "https://registry.example/a/-/a-1.0.0.tgz" })).to.deep.equal([]);
  });

  it("refuses what is not nailed down to its bytes, or comes from elsewhere", () => {
    expect(problems({ integrity: undefined })).to.have.length(1);
    expect(problems({ integrity: "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=" })).to.have.length(1);
    expect(problems({ link: true })).to.have.length(1);
    for (const resolved of [
      "git+ssh://git@code.example/a.git#0123",
      "http://registry.example/a/-/a-1.0.0.tgz",
      "file:../a",
      "https://code.example/a/archive/main.tar.gz",
    ]) {
      expect(problems({ resolved }), resolved).to.have.length(1);
    }
  });

  it("refuses licences that are not allowed, or not declared", () => {
    expect(problems({ license: "AGPL-3.0-only" })).to.have.length(1);
    expect(problems({ license: undefined })).to.deep.equal(["a@1.0.0 declares no licence"]);
    expect(
      problems({ license: undefined }, { undeclared: { a: { licence: "MIT", reason: "its file" } } }),
    ).to.deep.equal([]);
  });

  it("refuses install scripts and deprecated packages that are not known", () => {
    expect(problems({ hasInstallScript: true })).to.have.length(1);
    expect(problems({ hasInstallScript: true }, { installScripts: { a: "builds" } })).to.deep.equal([]);
    expect(problems({ deprecated: "use b" })).to.deep.equal(["a@1.0.0 is deprecated: use b"]);
    expect(problems({ deprecated: "use b" }, { deprecated: { a: "until b is out" } })).to.deep.equal([]);
  });

  it("refuses exceptions that nothing needs", () => {
    expect(problems({}, { installScripts: { a: "builds" }, deprecated: { b: "" } })).to.have.length(2);
  });
});

describe("licences as SPDX has them", () => {
  const allowed = new Set(["MIT", "Apache-2.0"]);

  it("are met by one side of an OR and both of an AND", () => {
    for (const good of [
      "MIT",
      "(MIT OR GPL-3.0-only)",
      "GPL-3.0-only OR MIT",
      "MIT AND Apache-2.0",
      "Apache-2.0 WITH LLVM-exception",
      "(GPL-3.0-only OR MIT) AND Apache-2.0",
    ]) {
      expect(isAllowed(good, allowed), good).to.equal(true);
    }
  });

  it("are not met by less, nor by what cannot be read", () => {
    for (const bad of [
      "",
      "GPL-3.0-only",
      "MIT AND GPL-3.0-only",
      "GPL-3.0-only OR MIT AND GPL-3.0-only",
      "(MIT",
      "MIT)",
      "MIT MIT",
      "MIT OR",
      "SEE LICENSE IN LICENSE",
    ]) {
      expect(isAllowed(bad, allowed), bad).to.equal(false);
    }
  });
});

describe("advisories", () => {
  const cause = {
    name: "b",
    title: "reads too much",
    url: "https://advisories.example/GHSA-1",
    severity: "high",
    range: "<2",
  };
  const audit = npmAuditSchema.parse({
    auditReportVersion: 2,
    vulnerabilities: { a: { via: ["b"] }, b: { via: [cause] } },
  });

  function judged(until: string, today: string) {
    return judgeAdvisories(audit, { ...POLICY, advisories: { "GHSA-1": { reason: "not reached", until } } }, today);
  }

  it("are open unless the policy bears them, each once", () => {
    const { open, borne, stale } = judgeAdvisories(audit, POLICY, "2026-11-28");
    expect(open).to.deep.equal(["GHSA-1  high  b <2: reads too much"]);
    expect([...borne, ...stale]).to.deep.equal([]);
  });

  it("are borne up to a day, and open on the next", () => {
    expect(judged("2026-11-28", "2026-11-27").open).to.deep.equal([]);
    expect(judged("2026-11-28", "2026-11-28").open).to.deep.equal([]);
    expect(judged("2026-11-28", "2026-11-29").open).to.have.length(1);
  });

  it("that are reported no more make their exception stale", () => {
    const nothing = npmAuditSchema.parse({ auditReportVersion: 2, vulnerabilities: {} });
    const policy = { ...POLICY, advisories: { "GHSA-1": { reason: "not reached", until: "2026-11-28" } } };
    expect(judgeAdvisories(nothing, policy, "2026-11-01").stale).to.deep.equal(["GHSA-1"]);
  });
});
