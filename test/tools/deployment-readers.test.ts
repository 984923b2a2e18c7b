import { expect } from "chai";
import { getAddress } from "ethers";

import { contractsOf, parseAudit } from "../../scripts/audit/options.ts";
import { nodeOf } from "../../scripts/deployments/node-url.ts";
import { readDeployment, requireChain, UnusableDeployment } from "../../scripts/deployments/read-deployment.ts";
import { UsageError } from "../../scripts/local/options.ts";
import { parseRoles } from "../../scripts/roles/options.ts";
import { networkOf } from "../../sdk/deployed-network.ts";
import { type Deployment, DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";
import { RpcError } from "../../sdk/record/rpc.ts";

const at = (digit: string): string => getAddress(`0x${digit.repeat(40)}`);

const DEPLOYMENT: Deployment = {
  ...{ format: DEPLOYMENT_FORMAT, chainId: 11_155_111, network: "sepolia", permit2: at("7"), startBlock: 9_000 },
  contracts: {
    ...{ manager: at("1"), verifier: at("2"), ledger: at("3"), escrow: at("4"), gateway: at("5"), exchange: at("6") },
    x402: null,
  },
  ...{ finalityDepth: 64, blockTime: 12, tokens: [{ address: at("8"), symbol: "USDC", decimals: 6 }] },
  roles: { admin: at("9"), compliance: at("a"), guard: at("b"), guardDelay: 172_800 },
  ...{ codeHashes: {}, commit: null, deployedAt: 1_790_000_000 },
};

const FILES = new Map([
  ["deployments/11155111.json", JSON.stringify(DEPLOYMENT)],
  ["deployments/1.json", JSON.stringify(DEPLOYMENT)],
  ["own.json", JSON.stringify(DEPLOYMENT)],
  ["broken.json", "{"],
]);

function read(path: string): Promise<string> {
  const text = FILES.get(path);
  return text === undefined ? Promise.reject(new Error(path)) : Promise.resolve(text);
}

async function failureOf(reading: Promise<unknown>): Promise<string> {
  return reading.then(
    () => "",
    (error: unknown) => (error instanceof UnusableDeployment ? error.failure : String(error)),
  );
}

describe("commands with a deployment", () => {
  it("read it by its chain's id or its path", async () => {
    for (const reference of ["11155111", "own.json"]) {
      expect(await readDeployment(reference, read)).to.deep.equal(DEPLOYMENT);
    }
    expect(await failureOf(readDeployment("10", read))).to.equal("deployment_missing");
    expect(await failureOf(readDeployment("broken.json", read))).to.equal("deployment_invalid");
    expect(await failureOf(readDeployment("1", read)), "another chain's file").to.equal("deployment_invalid");
  });

  it("ask no node of another chain", async () => {
    await requireChain(() => Promise.resolve("0xaa36a7"), DEPLOYMENT);
    expect(await failureOf(requireChain(() => Promise.resolve("0x1"), DEPLOYMENT))).to.equal("deployment_wrong_chain");
    const nonsense = await requireChain(() => Promise.resolve(null), DEPLOYMENT).catch((error: unknown) => error);
    expect(nonsense).to.be.instanceOf(RpcError).with.property("failure", "malformed");
  });

  it("audit its contracts, those of the arguments before them", () => {
    const args = (...more: string[]) => parseAudit(["--rpc", "http://127.0.0.1", ...more]);
    const { ledger, escrow, exchange, gateway } = DEPLOYMENT.contracts;
    const all = { ledger, escrow, exchange, gateway, firstBlock: 9_000 };
    expect(contractsOf(args("--deployment", "own.json"), DEPLOYMENT)).to.deep.equal(all);
    const own = contractsOf(args("--deployment", "own.json", "--escrow", at("c")), DEPLOYMENT);
    expect(own).to.deep.equal({ ...all, escrow: at("c") });
    // The schemes of another Ledger are not this one's.
    const other = contractsOf(args("--deployment", "own.json", "--ledger", at("d")), DEPLOYMENT);
    expect(other).to.deep.equal({ ledger: at("d"), escrow: null, exchange: null, gateway: null, firstBlock: null });
    expect(contractsOf(args("--ledger", at("d")), null).ledger).to.equal(at("d"));
    expect(() => args()).to.throw(UsageError);
    expect(() => args("--deployment", "own.json", "--ledger", "0x12")).to.throw(UsageError);
  });

  it("ask for a deployment and a node before they say who can do what", () => {
    const [deployment, rpc] = ["11155111", "http://127.0.0.1:8545"];
    const given = ["--deployment", deployment, "--rpc", rpc];
    expect(parseRoles(given)).to.deep.equal({ deployment, rpc, block: "latest", expect: null, json: false });
    expect(parseRoles([...given, "--block", "12"]).block).to.equal(12);
    for (const wrong of [
      ["--rpc", rpc],
      [...given, "--block", "soon"],
      [...given, "--what"],
    ]) {
      expect(() => parseRoles(wrong), wrong.join(" ")).to.throw(UsageError);
    }
  });

  it("ask the node that is named, else the one that the environment has for the deployment's network", () => {
    const [url, other] = ["https://node.example/1", "http://127.0.0.1:8545"];
    const environment = { CORRIDOR_SEPOLIA_RPC_URL: url };
    expect(nodeOf(other, DEPLOYMENT, environment)).to.equal(other);
    expect(nodeOf(parseRoles(["--deployment", "1"]).rpc, DEPLOYMENT, environment)).to.equal(url);
    expect(nodeOf(parseAudit(["--deployment", "1"]).rpc, DEPLOYMENT, environment)).to.equal(url);
    const elsewhere = { ...DEPLOYMENT, network: "elsewhere" };
    for (const [rpc, deployment, variables] of [
      [null, DEPLOYMENT, {}],
      [null, DEPLOYMENT, { CORRIDOR_SEPOLIA_RPC_URL: "" }],
      [null, DEPLOYMENT, { CORRIDOR_SEPOLIA_RPC_URL: "wss://node.example" }],
      [null, elsewhere, environment],
      ["ws://127.0.0.1", DEPLOYMENT, environment],
    ] as const) {
      expect(() => nodeOf(rpc, deployment, variables)).to.throw(UsageError);
    }
    expect(() => parseAudit(["--ledger", at("3")])).to.throw(UsageError);
  });

  it("know its contracts as those of records and signatures", () => {
    const { ledger, escrow, gateway, exchange, verifier } = DEPLOYMENT.contracts;
    expect(networkOf(DEPLOYMENT)).to.deep.equal({
      ...{ chainId: 11_155_111n, ledger, escrow, gateway, exchange, permit2: at("7"), x402: null },
      signatureVerifier: verifier,
    });
  });
});
