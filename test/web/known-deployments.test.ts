import { expect } from "chai";
import { getAddress } from "ethers";

import type { NetworkView } from "../../sdk/client.ts";
import { type Deployment, DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";
import { differencesOf } from "../../sdk/deployment-differences.ts";
import { deployedView } from "../../web/auditor/node/deployed-view.ts";
import { parseOwnSource, sourceOf } from "../../web/auditor/node/source.ts";
import { readDeployments } from "../../web/parts/known-deployments.ts";

const at = (digit: string): string => getAddress(`0x${digit.repeat(40)}`);

const DEPLOYMENT: Deployment = {
  ...{ format: DEPLOYMENT_FORMAT, chainId: 11_155_111, network: "sepolia", permit2: at("7"), startBlock: 9_000 },
  contracts: {
    ...{ manager: at("1"), verifier: at("2"), ledger: at("3"), escrow: at("4"), gateway: at("5"), exchange: at("6") },
    x402: at("c"),
  },
  ...{ finalityDepth: 64, blockTime: 12, tokens: [{ address: at("8"), symbol: "USDC", decimals: 6 }] },
  roles: { admin: at("9"), compliance: at("a"), guard: at("b"), guardDelay: 172_800 },
  ...{ codeHashes: {}, commit: null, deployedAt: 1_790_000_000 },
};

/** What a relayer of that deployment tells. */
const TOLD: NetworkView = {
  ...{ chainId: "11155111", ledger: at("3"), escrow: at("4"), gateway: at("5"), permit2: at("7"), exchange: at("6") },
  ...{ signatureVerifier: at("2"), operators: [at("d")], tokens: [at("8")], currencies: [], startBlock: "9000" },
  ...{ rpcUrl: "https://rpc.example.org", demo: null, finalityDepth: 64, receiptSigner: at("e") },
  ...{ withdrawalFees: {}, walletFactories: [] },
};

describe("deployments that the console was built with", () => {
  it("are read from files named after their chain; others are named", () => {
    const other = { ...DEPLOYMENT, chainId: 10, network: "optimism" };
    const read = readDeployments({
      "../../deployments/11155111.json": JSON.stringify(DEPLOYMENT),
      "../../deployments/10.json": JSON.stringify(other),
      "../../deployments/1.json": JSON.stringify(DEPLOYMENT),
      "../../deployments/notes.json": "{",
    });
    expect(read.deployments.map(({ network }) => network)).to.deep.equal(["optimism", "sepolia"]);
    expect(read.unreadable).to.deep.equal(["1.json", "notes.json"]);
    expect(readDeployments({})).to.deep.equal({ deployments: [], unreadable: [] });
  });

  it("are what a relayer's contracts and tokens are held against", () => {
    expect(differencesOf(DEPLOYMENT, TOLD)).to.deep.equal([]);
    const small = {
      ...TOLD,
      ledger: TOLD.ledger.toLowerCase(),
      escrow: null,
      gateway: null,
      permit2: null,
      tokens: [],
    };
    expect(differencesOf(DEPLOYMENT, small), "what is not served").to.deep.equal([]);
    for (const name of ["ledger", "escrow", "gateway", "exchange", "permit2", "signatureVerifier"] as const) {
      const [found, ...more] = differencesOf(DEPLOYMENT, { ...TOLD, [name]: at("f") });
      expect(found).to.include({ what: name, told: at("f") });
      expect([found?.deployed, more.length]).to.deep.equal([TOLD[name], 0]);
    }
    const strange = differencesOf(DEPLOYMENT, { ...TOLD, tokens: [at("8"), at("f")] });
    expect(strange).to.deep.equal([{ what: "token", told: at("f"), deployed: null }]);
    expect(() => differencesOf(DEPLOYMENT, { ...TOLD, chainId: "1" })).to.throw(RangeError);
  });

  it("take the relayer's place when an auditor chooses one", () => {
    const elsewhere: NetworkView = { ...TOLD, chainId: "1", currencies: [] };
    const view = deployedView(DEPLOYMENT, elsewhere);
    expect(view).to.include({ chainId: "11155111", ledger: at("3"), startBlock: "9000", finalityDepth: 64 });
    expect(view, "another chain's node and signer are of no use").to.include({ rpcUrl: null, receiptSigner: null });
    expect(view.currencies.map(({ code, decimals }) => [code, decimals])).to.deep.equal([["USDC", 6]]);
    expect(deployedView(DEPLOYMENT, TOLD)).to.include({ rpcUrl: TOLD.rpcUrl, receiptSigner: at("e") });
    const otherLedger = deployedView(DEPLOYMENT, { ...TOLD, ledger: at("f") });
    expect(otherLedger).to.include({ ledger: at("3"), rpcUrl: TOLD.rpcUrl, receiptSigner: null });

    const kept = parseOwnSource(JSON.stringify({ deployment: "11155111", rpcUrl: "https://own.example.org" }));
    expect(kept).to.deep.equal({ deployment: "11155111", rpcUrl: "https://own.example.org" });
    expect(sourceOf(view, kept)?.contracts).to.include({ chainId: 11_155_111n, ledger: at("3"), gateway: at("5") });
    expect(sourceOf(view, {}), "no node").to.equal(undefined);
    expect(parseOwnSource('{"deployment": 1}')).to.deep.equal({});
    expect(parseOwnSource('{"deployment": "../1"}')).to.deep.equal({});
  });
});
