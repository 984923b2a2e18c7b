import { expect } from "chai";
import { ESLint } from "eslint";

/** The rules that an import breaks when it stands in a file. */
async function broken(filePath: string, code: string): Promise<string[]> {
  const eslint = new ESLint({
    // In CI typescript-eslint reads each file once, from the disk, and would not see the code given here.
    overrideConfig: { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } },
  });
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map((message) => message.ruleId ?? "").filter((rule) => rule.includes("restricted"));
}

describe("import rules", () => {
  const cases: [string, string, boolean][] = [
    ["sdk/amounts.ts", 'import "../relayer/config.ts";', true],
    ["sdk/amounts.ts", 'import "node:fs";', true],
    ["sdk/amounts.ts", 'import "hardhat";', true],
    ["sdk/client.ts", 'import "./payment.ts";', false],
    ["relayer/loop.ts", 'import "hardhat/config";', true],
    ["relayer/api/server.ts", 'import "../lanes/lane.ts";', true],
    ["relayer/api/server.ts", 'import "../intake/intake.ts";', false],
    ["relayer/intake/check.ts", 'import "../../native/check-signature.ts";', false],
    ["native/check-signature.ts", 'import "../relayer/store/chain.ts";', true],
    ["relayer/store/chain.ts", 'import "../follower/follower.ts";', true],
    ["relayer/lanes/lane.ts", 'import "../api/server.ts";', true],
    ["relayer/lanes/lane.ts", 'import "../relayer.ts";', true],
    ["relayer/lanes/lane.ts", 'import "../store/chain.ts";', false],
    ["relayer/lanes/lane.ts", 'import "../signers/lane-signer.ts";', false],
    ["relayer/signers/kms-signer.ts", 'import "../store/chain.ts";', true],
    ["relayer/api/server.ts", 'import "../signers/open-signers.ts";', true],
    ["relayer/deadlines/watcher.ts", 'import "../lanes/lane.ts";', true],
    ["relayer/webhooks/deliverer.ts", 'import "../chain/ledger-reader.ts";', true],
    ["relayer/api/webhook-endpoints.ts", 'import "../webhooks/secret-box.ts";', false],
    ["relayer/webhooks/deliverer.ts", 'import "../api/problem.ts";', true],
    ["relayer/x402/facilitator.ts", 'import "../chain/x402-settler.ts";', true],
    ["relayer/api/x402.ts", 'import "../x402/facilitator.ts";', false],
    ["relayer/loop.ts", 'import "../scripts/local/stack.ts";', true],
    ["audit/run.ts", 'import "../relayer/store/chain.ts";', true],
    ["audit/run.ts", 'import "../native/check-signature.ts";', false],
    ["relayer/loop.ts", 'import "../audit/run.ts";', true],
    ["scripts/start.ts", 'import "../relayer/config.ts";', false],
  ];
  for (const [file, code, forbidden] of cases) {
    it(`${forbidden ? "forbids" : "allows"} ${code} in ${file}`, async () => {
      expect((await broken(file, code)).length > 0).to.equal(forbidden);
    });
  }
});
