import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";
import { id, Interface, Wallet } from "ethers";

import { type Deployment, parseDeployment } from "../../sdk/deployment.ts";
import { DeployError } from "../../scripts/deploy/deploy-error.ts";
import { saltOf } from "../../scripts/deploy/family.ts";
import { confirmedTransactions } from "../../scripts/deploy/journal.ts";
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
  const last = lines.findLastIndex((line) => line.includes('"type":"TRANSACTION_PREPARE_SEND"'));
  writeFileSync(path, lines.filter((line, index) => index < last || !line.includes("TRANSACTION_SEND")).join("\n"));
}

function runScript(path: string, args: readonly string[], environment: Stage["environment"]): Promise<number | null> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, ["--import", "tsx", path, ...args], { env, stdio: "ignore" });
  return new Promise((resolve) => child.once("close", resolve));
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

  /** Has the node mine the first two transactions, and kills the command while the third, the Ledger's, is in the mempool. */
  const killMidway = async (args: readonly string[]): Promise<CommandResult> => {
    const { provider, deployer } = stage;
    const sent = await provider.getTransactionCount(deployer.address);
    await provider.send("evm_setAutomine", [false]);
    const killed = deploy(args, { killAtNonce: sent + 3 });
    const command = { hasEnded: false };
    void killed.finally(() => (command.hasEnded = true));
    while (!command.hasEnded && (await provider.getTransactionCount(deployer.address, "pending")) < sent + 2) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await provider.send("evm_mine", []);
    const result = await killed;
    await provider.send("evm_setAutomine", [true]);
    await provider.send("evm_mine", []);
    return result;
  };

  before(async () => {
    stage = await setStage({ script: "scripts/local/anvil.ts", args: [], finalityDepth: 0, hasCreateX: false });
  });

  after(() => stage.stop());

  it("goes on where it was killed, deploys no contract twice, hands over and is paid", async () => {
    const { provider, deployer, admin, folder } = stage;
    expect((await killMidway(["--yes"])).status).to.equal(null);
    forgetLastHash(join(folder, "journal"));

    const resumed = await deploy(["--yes", "--json"]);
    expect(resumed.status, resumed.stderr).to.equal(0);
    expect(resumed.stdout).to.include("Found a transaction of the last run");
    const roles = /npm run roles -- (.+)/.exec(resumed.stdout)?.[1]?.split(" ") ?? [];
    expect(await runScript("scripts/roles.ts", roles, stage.environment), "as it is printed").to.equal(0);
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
    const { folder, provider, deployer } = stage;
    await bringCreateX(provider);
    const elsewhere = ["--out", join(folder, "second"), "--journal", join(folder, "second-journal")];
    const killed = await killMidway(["--yes", ...elsewhere]);
    expect(killed.status).to.equal(null);
    forgetLastHash(join(folder, "second-journal"));
    const done = await deploy(["--yes", "--json", "--no-smoke", ...elsewhere]);
    expect(done.status, done.stderr).to.equal(0);
    const { contracts } = read(join(folder, "second"));
    for (const address of Object.values(contracts)) expect(killed.stdout).to.include(address);
    const logs = await provider.getLogs({ address: CREATE_X, topics: [CREATED], fromBlock: 0 });
    expect(logs.length).to.equal(CONTRACTS);

    const createX = new Interface(["function deployCreate2(bytes32 salt, bytes initCode) returns (address)"]);
    const { data: initCode } = await new AccessManager__factory().getDeployTransaction(deployer.address);
    const data = createX.encodeFunctionData("deployCreate2", [saltOf(deployer.address, "corridor"), initCode]);
    const theirs = await provider.call({ from: Wallet.createRandom().address, to: CREATE_X, data });
    expect(String(createX.decodeFunctionResult("deployCreate2", theirs)[0])).to.not.equal(contracts.manager);
    const ours = await provider.call({ from: deployer.address, to: CREATE_X, data }).catch(() => "taken");
    expect(ours).to.equal("taken");
  });

  it("spends and forgets nothing without a yes, without money, for a wrong token, or over another deployment", async () => {
    const { folder, deployer, provider, chainId } = stage;
    const known = readFileSync(join(folder, "deployments", `${chainId}.json`), "utf8");
    const before = await provider.getTransactionCount(deployer.address);
    const parameters = JSON.parse(readFileSync(join(folder, "parameters.json"), "utf8")) as {
      Tokens: { list: object[] };
    };
    parameters.Tokens.list.push({ address: Wallet.createRandom().address, symbol: "USDC", decimals: 6 });
    const file = join(folder, "wrong.json");
    writeFileSync(file, JSON.stringify(parameters));
    const apart = ["--json", "--out", join(folder, "none"), "--journal", join(folder, "none")];
    const poor = { CORRIDOR_DEPLOYER_KEY: Wallet.createRandom().privateKey };
    const [unasked, unready, there] = await Promise.all([
      deploy(["--reset", "--label", "third", "--json"]),
      deploy(["--yes", "--parameters", file, ...apart], { environment: poor }),
      deploy(["--yes", ...apart]),
    ]);
    expect(resultOf(unasked).code).to.equal("no_terminal");
    expect(resultOf(unready).code).to.equal("not_ready");
    expect(unready.stderr).to.include("less than is needed").and.include("token USDC: no code at");
    expect(resultOf(there).code).to.equal("already_there");
    expect(readFileSync(join(folder, "deployments", `${chainId}.json`), "utf8")).to.equal(known);
    expect(confirmedTransactions(join(folder, "journal")).length).to.equal(STEPS);
    expect(await provider.getTransactionCount(deployer.address)).to.equal(before);
  });

  it("says what is missing where not even its cost can be measured", async () => {
    const { folder } = stage;
    const parameters = JSON.parse(readFileSync(join(folder, "parameters.json"), "utf8")) as {
      X402: { proxy: string };
    };
    parameters.X402.proxy = Wallet.createRandom().address;
    const file = join(folder, "proxyless.json");
    writeFileSync(file, JSON.stringify(parameters));
    const elsewhere = ["--out", join(folder, "none"), "--journal", join(folder, "none"), "--parameters", file];
    const refused = await deploy(["--yes", "--json", ...elsewhere]);
    expect(resultOf(refused).code).to.equal("not_ready");
    expect(refused.stderr).to.include("x402's proxy: no code at");
  });

  it("prints the key nowhere, also when it fails", async () => {
    const { privateKey } = stage.deployer;
    const refused = async (environment: Record<string, string>): Promise<string | undefined> =>
      resultOf(await deploy(["--yes", "--json"], { environment })).code;
    const codes = await Promise.all([
      refused({ CORRIDOR_DEPLOYER_KEY: `${privateKey.slice(0, -2)}zz` }),
      refused({ CORRIDOR_CUSTOM_RPC_URL: "http://127.0.0.1:1/v3/a-provider-key" }),
      refused({ CORRIDOR_CUSTOM_CHAIN_ID: "5" }),
    ]);
    expect(codes).to.deep.equal(["bad_key", "unreachable", "wrong_chain"]);
    const all = outputs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
    expect(all.toLowerCase()).to.not.include(privateKey.slice(2, 40).toLowerCase());
    expect(all).to.not.include("a-provider-key");
    const secrets = new Secrets();
    secrets.addUrl("https://user:password@node.example/v3/0123456789?key=abcdefgh");
    expect(secrets.clean("at https://user:password@node.example/v3/0123456789?key=abcdefgh")).to.equal(
      "at https://user:[secret]@node.example/[secret]?[secret]",
    );
  });

  it("reads nothing from the environment that .env.example does not explain", () => {
    const example = readFileSync(".env.example", "utf8");
    const source = readFileSync("scripts/deploy/networks.ts", "utf8");
    const names = [...new Set(source.match(/\b(?:CORRIDOR_\w+[A-Z]|ETHERSCAN_API_KEY)\b/g))];
    expect(names).to.have.length(12);
    for (const name of names) expect(example, name).to.match(new RegExp(`^${name}=$`, "m"));
  });

  it("says which networks and parameters there are", () => {
    expect(refusal(() => parseDeploy(["--network", "mars"], {}))).to.equal("unknown_network");
    expect(refusal(() => parseDeploy(["--nonsense"], {}))).to.equal("usage");
    for (const [name, value] of [
      ["FINALITY_DEPTH", "6O"],
      ["FINALITY_DEPTH", "-1"],
      ["CHAIN_ID", "1.5"],
      ["BLOCK_TIME", "0"],
      ["IS_TEST", "yes"],
    ] as const) {
      const wrong = { [`CORRIDOR_CUSTOM_${name}`]: value };
      expect(
        refusal(() => parseDeploy(["--network", "custom"], wrong)),
        name,
      ).to.equal("bad_network");
    }
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
