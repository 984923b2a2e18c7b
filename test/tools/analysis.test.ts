import { expect } from "chai";

import { isUnreached, isUsablePython } from "../../scripts/analysis/python.ts";
import {
  type Finding,
  findingsOf,
  judge,
  PLANTED_FILE,
  reportSchema,
  unexplainedIn,
  unreadIn,
} from "../../scripts/analysis/verdict.ts";

const PLANTED = [
  "arbitrary-send-erc20",
  "low-level-calls",
  "reentrancy-eth",
  "unchecked-transfer",
  "unused-ignore-directive",
].map((check) => finding(check, PLANTED_FILE));

function finding(check: string, file: string): Finding {
  return { check, impact: "High", file, description: "" };
}

function reportOf(...detectors: object[]) {
  return reportSchema.parse({ success: true, results: { detectors } });
}

describe("the verdict over a run of Slither", () => {
  it("leaves nothing where only what was planted is found", () => {
    expect(judge(PLANTED)).to.deep.equal({ left: [], blind: [] });
  });

  it("leaves a finding in a contract", () => {
    const found = finding("reentrancy-eth", "contracts/Ledger.sol");
    expect(judge([...PLANTED, found]).left).to.deep.equal([found]);
  });

  it("does not believe a run that misses a planted fault, or heeds no comment", () => {
    expect(judge(PLANTED.slice(1)).blind).to.have.length(1);
    expect(judge([...PLANTED, finding("tx-origin", PLANTED_FILE)]).blind).to.have.length(1);
    expect(judge([]).blind).to.have.length(PLANTED.length);
  });

  it("reads findings by the file of their first element", () => {
    const elements = [{ source_mapping: { filename_relative: "contracts/Gateway.sol", lines: [1] } }];
    const report = reportOf({ check: "calls-loop", impact: "Low", description: " why\n", elements });
    expect(findingsOf(report, "/repository")).to.deep.equal([
      { check: "calls-loop", impact: "Low", file: "contracts/Gateway.sol", description: "why" },
    ]);
  });

  it("makes a finding of each comment that explains nothing, those of libraries apart", () => {
    const unused = (file: string) => ({ file: `/repository/${file}`, line: 7, unused_detectors: ["assembly"] });
    const report = reportOf({
      check: "unused-ignore-directive",
      impact: "Informational",
      description: "Found 2",
      elements: [],
      unused_ignores: [
        unused("contracts/Ledger.sol"),
        unused("contracts/Ledger.sol"),
        unused("node_modules/@openzeppelin/contracts/utils/Math.sol"),
      ],
    });
    const [only, ...others] = findingsOf(report, "/repository");
    expect(others).to.deep.equal([]);
    expect(only?.file).to.equal("contracts/Ledger.sol");
    expect(only?.description).to.contain("contracts/Ledger.sol#7");
  });

  it("takes no report for one of a run that failed", () => {
    expect(reportSchema.safeParse({ success: false, error: "…", results: {} }).success).to.equal(false);
  });
});

describe("what quiets Slither", () => {
  it("needs a reason, and is for one line and named detectors", () => {
    const good = "    // slither-disable-next-line calls-loop,unused-return: the Ledger calls no token";
    expect(unexplainedIn(`contract A {\n${good}\n}`)).to.deep.equal([]);
    for (const bad of [
      "    // slither-disable-next-line calls-loop",
      "    // slither-disable-next-line calls-loop:",
      "    // slither-disable-next-line all: whatever",
      "    // slither-disable-start calls-loop: the Ledger calls no token",
    ]) {
      expect(unexplainedIn(`contract A {\n${bad}\n}`), bad).to.deep.equal([2]);
    }
  });

  it("finds functions that Slither could not read", () => {
    const log = [
      "Impossible to generate IR for Ledger.settle (contracts/Ledger.sol#1-2):",
      " 'NoneType' object has no attribute 'parameters'",
    ].join("\n");
    expect(unreadIn(log)).to.deep.equal(["Ledger.settle (contracts/Ledger.sol)"]);
    expect(unreadIn("INFO:Detectors: all read")).to.deep.equal([]);
  });
});

describe("the Python for Slither", () => {
  it("is one that Slither runs on", () => {
    for (const version of ["3.10.0", "3.11.7", "3.12.1", "3.14.2"])
      expect(isUsablePython(version), version).to.equal(true);
    for (const version of ["2.7.18", "3.9.19", "3.12.0", "4.0.0", ""])
      expect(isUsablePython(version), version).to.equal(false);
  });

  it("tells a registry out of reach from a package that is not what was locked", () => {
    expect(isUnreached("NewConnectionError: Failed to establish a new connection")).to.equal(true);
    expect(isUnreached("ERROR: Could not find a version that satisfies web3 (from versions: none)")).to.equal(true);
    expect(isUnreached("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE")).to.equal(false);
    expect(isUnreached("retrying after ReadTimeout … DO NOT MATCH THE HASHES")).to.equal(false);
    expect(isUnreached("ERROR: Ignored the following yanked versions")).to.equal(false);
  });
});
