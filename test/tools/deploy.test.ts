import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { id, Interface, Wallet } from "ethers";

import { type Deployment, parseDeployment } from "../../sdk/deployment.ts";
import { DeployError } from "../../scripts/deploy/deploy-error.ts";
import { saltOf } from "../../scripts/deploy/family.ts";
import { deployNetworks } from "../../scripts/deploy/networks.ts";
import { parseDeploy } from "../../scripts/deploy/options.ts";
import { readParameters } from "../../scripts/deploy/parameters.ts";
import { CREATE_X } from "../../scripts/deploy/probe.ts";
import { type CommandResult, runDeploy } from "../../scripts/deploy/rehearsal/command.ts";
import { bringCreateX } from "../../scripts/deploy/rehearsal/create-x.ts";
import { setStage, type Stage } from "../../scripts/deploy/rehearsal/stage.ts";
import { Secrets } from "../../scripts/deploy/secrets.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";

/** Manager, verifier, Ledger, Escrow, Gateway, Exchange, X402Settler, Test Dollar. */
const CONTRACTS = 8;
/** Those, what is set up at the AccessManager, and the handover. */
const STEPS = 16;
const CREATED = id("ContractCreation(address,bytes32)");

interface Result {
  readonly ok: boolean;
  readonly code?: string;
  readonly transactions?: number;
  readonly smoke?: { readonly transactions: number };
}

function resultOf({ stdout }: CommandResult): Result {
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Result;
}

/** What a kill between the sending of a transaction and the note of its hash leaves behind. */
function forgetLastHash(journal: string): void {
  const path = join(journal, "journal.jsonl");
  const lines = readFileSync(path, "utf8").split("\n");
  const last = lines.findLastIndex((line) => line.includes('"type":"TRANSACTION_SEND"'));
  const future = /"futureId":"[^"]*"/.exec(lines[last] ?? "")?.[0] ?? "none";
  writeFileSync(path, lines.filter((line, index) => index < last || !line.includes(future)).join("\n"));
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof DeployError ? error.code : String(error);
  }
  return "none";
}

describe("npm run deploy", () => {
  let stage: Stage;
  const outputs: CommandResult[] = [];
  const deploy = async (
    args: readonly string[],
    options: Parameters<typeof runDeploy>[2] = {},
  ): Promise<CommandResult> => {
    const result = await runDeploy(stage, args, options);
    outputs.push(result);
    return result;
  };

  before(async () => {
    stage = await setStage({ script: "scripts/local/anvil.ts", args: [], finalityDepth: 0, hasCreateX: false });
  });

  after(() => stage.stop());

  it("goes on where it was killed, deploys no contract twice, hands over and is paid", async () => {
    const { provider, deployer, admin, folder } = stage;
    expect((await deploy(["--yes"], { killAtNonce: 4 })).status).to.equal(null);
    forgetLastHash(join(folder, "journal"));

    const resumed = await deploy(["--yes", "--json"]);
    expect(resumed.status, resumed.stderr).to.equal(0);
    expect(resumed.stdout).to.include("Found a transaction of the last run");
    const { transactions, smoke } = resultOf(resumed);
    expect(transactions).to.equal(STEPS);

    const sent = await provider.getTransactionCount(deployer.address);
    expect(sent).to.equal(STEPS + (smoke?.transactions ?? 0));
    let created = 0;
    for (let block = 0; block <= (await provider.getBlockNumber()); block += 1) {
      const found = await provider.getBlock(block, true);
      created +=
        found?.prefetchedTransactions.filter((tx) => tx.from === deployer.address && tx.to === null).length ?? 0;
    }
    expect(created).to.equal(CONTRACTS);

    const deployment = read(join(folder, "deployments"));
    const manager = AccessManager__factory.connect(deployment.contracts.manager, provider);
    for (const role of [0n, 1n, 2n]) expect((await manager.hasRole(role, deployer.address))[0]).to.equal(false);
    expect((await manager.hasRole(0n, admin.address))[0]).to.equal(true);
    expect(deployment.roles.admin).to.equal(admin.address);
    expect(await provider.getCode(deployment.contracts.manager, deployment.startBlock - 1)).to.equal("0x");
    expect(await provider.getCode(deployment.contracts.manager, deployment.startBlock)).to.not.equal("0x");
  });

  it("deploys nothing where a deployment is", async () => {
    const before = await stage.provider.getTransactionCount(stage.deployer.address);
    const again = await deploy(["--json"]);
    expect(again.status, again.stderr).to.equal(0);
    expect(await stage.provider.getTransactionCount(stage.deployer.address)).to.equal(before);
  });

  it("deploys by CREATE2 to the addresses that it tells before, which are this deployer's alone", async () => {
    await bringCreateX(stage.provider);
    const { folder, provider, deployer } = stage;
    const elsewhere = ["--out", join(folder, "second"), "--journal", join(folder, "second-journal")];
    const told = JSON.parse(
      (await deploy(["--dry-run", "--json", ...elsewhere])).stdout.trim().split("\n").at(-1) ?? "",
    ) as {
      predicted: Deployment["contracts"];
    };
    expect((await deploy(["--yes", ...elsewhere], { killAtNonce: 26 })).status).to.equal(null);
    const done = await deploy(["--yes", "--json", "--no-smoke", ...elsewhere]);
    expect(done.status, done.stderr).to.equal(0);
    const { contracts } = read(join(folder, "second"));
    expect(contracts).to.deep.equal(told.predicted);
    const logs = await provider.getLogs({ address: CREATE_X, topics: [CREATED], fromBlock: 0 });
    expect(logs.length).to.equal(CONTRACTS);

    const third = ["--out", join(folder, "third"), "--journal", join(folder, "third-journal"), "--json"];
    expect(resultOf(await deploy(["--dry-run", ...third])).code).to.equal("already_there");

    const createX = new Interface(["function deployCreate2(bytes32 salt, bytes initCode) returns (address)"]);
    const { data: initCode } = await new AccessManager__factory().getDeployTransaction(deployer.address);
    const data = createX.encodeFunctionData("deployCreate2", [saltOf(deployer.address, "corridor"), initCode]);
    const theirs = await provider.call({ from: Wallet.createRandom().address, to: CREATE_X, data });
    expect(String(createX.decodeFunctionResult("deployCreate2", theirs)[0])).to.not.equal(contracts.manager);
    const ours = await provider.call({ from: deployer.address, to: CREATE_X, data }).catch(() => "taken");
    expect(ours).to.equal("taken");
  });

  it("spends nothing without a yes, without money, on another chain, or for a token that is not there", async () => {
    const { folder, deployer, provider } = stage;
    const before = await provider.getTransactionCount(deployer.address);
    const apart = ["--json", "--out", join(folder, "none"), "--journal", join(folder, "none"), "--label", "none"];
    expect(resultOf(await deploy(apart)).code).to.equal("no_terminal");
    const poor = { CORRIDOR_DEPLOYER_KEY: Wallet.createRandom().privateKey };
    const refused = await deploy(["--yes", ...apart], { environment: poor });
    expect(resultOf(refused).code).to.equal("not_ready");
    expect(refused.stderr).to.include("less than is needed");
    const elsewhere = await deploy(["--yes", ...apart], { environment: { CORRIDOR_CUSTOM_CHAIN_ID: "5" } });
    expect(resultOf(elsewhere).code).to.equal("wrong_chain");

    const parameters = JSON.parse(readFileSync(join(folder, "parameters.json"), "utf8")) as {
      Tokens: { list: object[] };
    };
    parameters.Tokens.list.push({ address: Wallet.createRandom().address, symbol: "USDC", decimals: 6 });
    const file = join(folder, "wrong.json");
    writeFileSync(file, JSON.stringify(parameters));
    const tokenless = await deploy(["--yes", ...apart, "--parameters", file]);
    expect(tokenless.stderr).to.include("token USDC: no code at");
    expect(await provider.getTransactionCount(deployer.address)).to.equal(before);
  });

  it("prints the key nowhere, also when it fails", async () => {
    const typo = `${stage.deployer.privateKey.slice(0, -2)}zz`;
    const bad = await deploy(["--yes", "--json"], { environment: { CORRIDOR_DEPLOYER_KEY: typo } });
    expect(resultOf(bad).code).to.equal("bad_key");
    const lost = { CORRIDOR_CUSTOM_RPC_URL: "http://127.0.0.1:1/v3/a-provider-key" };
    expect(resultOf(await deploy(["--yes", "--json"], { environment: lost })).code).to.equal("unreachable");
    const all = outputs
      .map(({ stdout, stderr }) => stdout + stderr)
      .join("\n")
      .toLowerCase();
    expect(all).to.not.include(stage.deployer.privateKey.slice(2, 40).toLowerCase());
    expect(all).to.not.include("a-provider-key");
    const secrets = new Secrets();
    secrets.addUrl("https://user:password@node.example/v3/0123456789?key=abcdefgh");
    expect(secrets.clean("at https://user:password@node.example/v3/0123456789?key=abcdefgh")).to.equal(
      "at https://user:[secret]@node.example/[secret]?[secret]",
    );
  });

  it("says which networks and parameters there are", () => {
    expect(refusal(() => parseDeploy(["--network", "mars"], {}))).to.equal("unknown_network");
    expect(refusal(() => parseDeploy(["--nonsense"], {}))).to.equal("usage");
    expect(refusal(() => readParameters("mars"))).to.equal("no_parameters");
    expect(refusal(() => readParameters("x", "package.json"))).to.equal("bad_parameters");
    for (const [name, { isTest }] of Object.entries(deployNetworks({}))) {
      if (name === "custom") expect(isTest).to.equal(false);
      else expect(readParameters(name).Tokens.list.length, name).to.be.greaterThan(0);
    }
  });

  function read(folder: string): Deployment {
    return parseDeployment(readFileSync(join(folder, `${stage.chainId}.json`), "utf8"));
  }
});
