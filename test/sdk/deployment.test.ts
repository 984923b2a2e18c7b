import { expect } from "chai";
import { getAddress, id } from "ethers";

import { type Deployment, DEPLOYMENT_FORMAT, DeploymentError, parseDeployment } from "../../sdk/deployment.ts";

const at = (digit: string): string => getAddress(`0x${digit.repeat(40)}`);

const DEPLOYMENT: Deployment = {
  format: DEPLOYMENT_FORMAT,
  chainId: 11_155_111,
  network: "sepolia",
  contracts: {
    ...{ manager: at("1"), verifier: at("2"), ledger: at("3"), escrow: at("4"), gateway: at("5"), exchange: at("6") },
    x402: null,
  },
  permit2: at("7"),
  startBlock: 9_000_000,
  finalityDepth: 64,
  blockTime: 0.25,
  tokens: [{ address: at("8"), symbol: "USDC", decimals: 6 }],
  roles: { admin: at("9"), compliance: at("a"), guard: at("b"), guardDelay: 172_800 },
  codeHashes: { ledger: id("code") },
  commit: null,
  deployedAt: 1_790_000_000,
};

describe("a deployment's file", () => {
  it("is read as it was written", () => {
    expect(parseDeployment(JSON.stringify(DEPLOYMENT))).to.deep.equal(DEPLOYMENT);
    const withX402 = { ...DEPLOYMENT, contracts: { ...DEPLOYMENT.contracts, x402: at("c") } };
    expect(parseDeployment(JSON.stringify(withX402)).contracts.x402).to.equal(at("c"));
  });

  const wrong: readonly [string, object, string][] = [
    ["another format", { format: "corridor-deployment/2" }, "format"],
    ["a chain id as text", { chainId: "1" }, "chainId"],
    ["no chain", { chainId: 0 }, "chainId"],
    ["no contracts", { contracts: null }, "contracts"],
    ["a contract without an address", { contracts: { ...DEPLOYMENT.contracts, ledger: "0x12" } }, "contracts.ledger"],
    ["a wrong checksum", { permit2: "0x000000000022d473030F116dDEE9F6B43aC78BA3" }, "permit2"],
    ["an absent x402", { contracts: { ...DEPLOYMENT.contracts, x402: undefined } }, "contracts.x402"],
    ["a negative block", { startBlock: -1 }, "startBlock"],
    ["a block time of nothing", { blockTime: 0 }, "blockTime"],
    ["tokens that are no list", { tokens: {} }, "tokens"],
    ["a token of too many decimals", { tokens: [{ ...DEPLOYMENT.tokens[0], decimals: 78 }] }, "tokens.0.decimals"],
    ["a token without a symbol", { tokens: [{ ...DEPLOYMENT.tokens[0], symbol: "" }] }, "tokens.0.symbol"],
    ["an unknown contract's hash", { codeHashes: { lodger: id("code") } }, "codeHashes.lodger"],
    ["a short hash", { codeHashes: { ledger: "0x12" } }, "codeHashes.ledger"],
    ["a delay as text", { roles: { ...DEPLOYMENT.roles, guardDelay: "2 days" } }, "roles.guardDelay"],
  ];
  for (const [what, change, field] of wrong) {
    it(`is refused with ${what}`, () => {
      const text = JSON.stringify({ ...DEPLOYMENT, ...change });
      expect(() => parseDeployment(text))
        .to.throw(DeploymentError)
        .with.property("field", field);
    });
  }

  it("is refused if it is no JSON", () => {
    expect(() => parseDeployment("{")).to.throw(DeploymentError, "A deployment is JSON");
    expect(() => parseDeployment("[]")).to.throw(DeploymentError, "A deployment is an object");
  });
});
