import { readFileSync } from "node:fs";

import { expect } from "chai";
import { keccak256, ZeroAddress } from "ethers";
import { network } from "hardhat";

import corridor from "../../ignition/modules/corridor.ts";
import { checkRoles, type RolesReport } from "../../scripts/roles/check-roles.ts";
import {
  expectedBeside,
  expectedOf,
  EXPECTED_ROLES_FORMAT,
  ExpectedRolesError,
} from "../../scripts/roles/expected-roles.ts";
import { FINDINGS } from "../../scripts/roles/findings.ts";
import { printRoles, rolesJson } from "../../scripts/roles/print.ts";
import { GUARD_ROLE, PUBLIC_ROLE, RESTRICTED } from "../../scripts/roles/roles-of-deployment.ts";
import { type Deployment, DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";
import { type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { AccessManager__factory } from "../../typechain-types/factories/@openzeppelin/contracts/access/manager/AccessManager__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

const DAY = 86_400;
const GUARD_DELAY = 2 * DAY;

/** A deployment whose administrator, compliance and guard are three accounts, and which its deployer has left. */
async function deploy() {
  const { ethers, ignition, provider } = await network.create();
  const rpc: RpcCall = (method, params) => provider.request({ method, params: [...params] });
  const [deployer, admin, compliance, guard, stranger] = await ethers.getSigners();
  if (!deployer || !admin || !compliance || !guard || !stranger) throw new Error("no accounts");
  await provider.request({ method: "hardhat_mine", params: ["0x3"] });
  const roles = { admin: admin.address, compliance: compliance.address, guard: guard.address, guardDelay: GUARD_DELAY };
  const contracts = await ignition.deploy(corridor, {
    parameters: { Corridor: { ...roles, permit2: deployer.address } },
  });
  const at = async (name: keyof typeof contracts): Promise<string> => contracts[name].getAddress();
  const addresses: Deployment["contracts"] = {
    ...{ manager: await at("manager"), verifier: await at("verifier"), ledger: await at("ledger") },
    ...{ escrow: await at("escrow"), gateway: await at("gateway"), exchange: await at("exchange"), x402: null },
  };
  const hashes = await Promise.all(
    Object.entries(addresses).map(async ([name, address]: [string, string | null]) =>
      address === null ? [] : [[name, keccak256(await ethers.provider.getCode(address))] as const],
    ),
  );
  const deployment: Deployment = {
    ...{
      format: DEPLOYMENT_FORMAT,
      chainId: 31_337,
      network: "hardhat",
      contracts: addresses,
      permit2: deployer.address,
    },
    ...{
      startBlock: 4,
      finalityDepth: 1,
      blockTime: 1,
      tokens: [],
      roles,
      codeHashes: Object.fromEntries(hashes.flat()),
    },
    ...{ commit: null, deployedAt: 1_790_000_000 },
  };
  const managerOf = AccessManager__factory.connect(addresses.manager, admin);
  if ((await managerOf.hasRole(0n, deployer.address)).isMember) {
    await (await managerOf.revokeRole(0n, deployer.address)).wait();
  }
  const later = async (seconds: number): Promise<void> => {
    await provider.request({ method: "evm_increaseTime", params: [seconds] });
    await provider.request({ method: "evm_mine", params: [] });
  };
  return { deployment, rpc, provider, manager: managerOf, deployer, admin, compliance, guard, stranger, later };
}

describe("roles of a deployment", () => {
  let chain: Awaited<ReturnType<typeof deploy>>;
  let snapshot: unknown;

  before(async () => {
    chain = await deploy();
    // The delays of administration count after the AccessManager's own five days.
    await chain.later(6 * DAY);
    snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
  });

  afterEach(async () => {
    await chain.provider.request({ method: "evm_revert", params: [snapshot] });
    snapshot = await chain.provider.request({ method: "evm_snapshot", params: [] });
  });

  const check = (changes: Partial<Deployment> = {}, rpc = chain.rpc): Promise<RolesReport> => {
    const deployment = { ...chain.deployment, ...changes };
    return checkRoles(rpc, deployment, expectedOf(deployment), "latest");
  };
  const codesOf = ({ findings }: RolesReport): string[] => findings.map(({ code }) => code);
  const done = async (sending: Promise<{ wait(): Promise<unknown> }>): Promise<void> => {
    await (await sending).wait();
  };
  /** What the administrator may do to the Exchange's administration only two days after she announced it. */
  const announced = async (data: string): Promise<void> => {
    await done(chain.manager.schedule(chain.deployment.contracts.manager, data, 0n));
    await chain.later(GUARD_DELAY);
    await done(chain.manager.execute(chain.deployment.contracts.manager, data));
  };

  it("are those of its file, and it is said who may call what after which delay", async () => {
    const report = await check();
    expect(report.findings).to.deep.equal([]);
    expect(report).to.include({ ok: true });
    expect([report.pending, report.notes]).to.deep.equal([[], []]);
    const rightOf = (name: string, about: string | null = null) =>
      report.rights.find((right) => right.functions.includes(name) && right.about === about);
    const { admin, compliance, guard } = chain.deployment.roles;
    expect(rightOf("freeze")?.callers).to.deep.equal([{ account: compliance, delay: 0, from: null }]);
    expect(rightOf("setGuard")?.callers).to.deep.equal([{ account: guard, delay: GUARD_DELAY, from: null }]);
    expect(rightOf("updateAuthority", "exchange")?.callers).to.deep.equal([
      { account: admin, delay: GUARD_DELAY, from: null },
    ]);
    expect(rightOf("updateAuthority", "ledger")?.callers).to.deep.equal([{ account: admin, delay: 0, from: null }]);
    expect(rightOf("grantRole", "role 2")?.takesEffectAfter).to.equal(GUARD_DELAY);

    const lines: string[] = [];
    printRoles(chain.deployment, report, (line) => lines.push(line));
    expect(lines.at(-1)).to.equal("Nothing unexpected.");
    expect(lines.join("\n")).to.contain(`${guard}  acts 2 d after scheduling`);
    const json = JSON.parse(rolesJson(chain.deployment, report)) as { ok: boolean; rights: { role: string }[] };
    expect(json.ok).to.equal(true);
    expect(json.rights[0]?.role).to.equal("1");
  });

  it("know every restricted function there is", () => {
    const found = ["contracts/Ledger.sol", "contracts/Gateway.sol", "contracts/schemes/Escrow.sol"]
      .concat(["contracts/schemes/Exchange.sol", "contracts/X402Settler.sol", "contracts/SignatureVerifier.sol"])
      .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/function (\w+)\([^)]*\)[^{;]*\brestricted\b/g)]);
    expect(found.map(([, name]) => name)).to.have.members(RESTRICTED.map(({ name }) => name));
  });

  it("show the delays of administration that are on their way in the first days, and no fault", async () => {
    const fresh = await deploy();
    const report = await checkRoles(fresh.rpc, fresh.deployment, expectedOf(fresh.deployment), "latest");
    expect(report.findings).to.deep.equal([]);
    expect(report.pending.map(({ kind, subject }) => `${kind} ${subject}`)).to.have.members([
      "admin_delay exchange",
      "grant_delay role 2 (guard)",
    ]);
  });

  it("show a deployer who is an administrator still", async () => {
    await done(chain.manager.grantRole(0n, chain.deployer.address, 0));
    const report = await check();
    expect(codesOf(report)).to.deep.equal(["deployer_admin"]);
    expect(report).to.include({ ok: false });
    expect(report.findings[0]?.subject).to.equal(chain.deployer.address);
  });

  it("show a further member, also one whose grant is on its way", async () => {
    await done(chain.manager.grantRole(1n, chain.stranger.address, 0));
    await done(chain.manager.grantRole(GUARD_ROLE, chain.stranger.address, GUARD_DELAY));
    const report = await check();
    expect(codesOf(report)).to.deep.equal(["member_unexpected", "member_unexpected"]);
    expect(report.pending.map(({ kind }) => kind)).to.deep.equal(["grant"]);
    const guarding = report.rights.find(({ functions }) => functions.includes("setGuard"));
    expect(guarding?.callers?.find(({ account }) => account === chain.stranger.address)?.from).to.be.a("number");
    const known = expectedBeside(
      expectedOf(chain.deployment),
      JSON.stringify({
        format: EXPECTED_ROLES_FORMAT,
        members: [
          { role: 1, account: chain.stranger.address, delay: 0 },
          { role: "1", account: chain.compliance.address, delay: 0 },
          { role: 2, account: chain.stranger.address, delay: GUARD_DELAY },
          { role: 2, account: chain.guard.address, delay: GUARD_DELAY },
        ],
      }),
    );
    expect((await checkRoles(chain.rpc, chain.deployment, known, "latest")).findings).to.deep.equal([]);
  });

  it("show a member who has her role no more", async () => {
    await done(chain.manager.revokeRole(1n, chain.compliance.address));
    expect(codesOf(await check())).to.deep.equal(["role_empty", "member_missing"]);
  });

  it("show a member's delay that is, or is going to be, too short", async () => {
    await done(chain.manager.grantRole(GUARD_ROLE, chain.guard.address, 60));
    const before = await check();
    expect(codesOf(before)).to.deep.equal(["delay_short"]);
    expect(before.findings[0]?.detail).to.contain("1 min from ");
    expect(before.pending.map(({ kind }) => kind)).to.deep.equal(["member_delay"]);
    await chain.later(GUARD_DELAY);
    const after = await check();
    expect(codesOf(after)).to.deep.equal(["delay_short"]);
    expect(after.pending).to.deep.equal([]);
  });

  it("show delays of administration that are taken away, and do not take their return for the first one", async () => {
    await done(chain.manager.setTargetAdminDelay(chain.deployment.contracts.exchange, 0));
    await done(chain.manager.setGrantDelay(GUARD_ROLE, 60));
    expect(codesOf(await check())).to.deep.equal(["delay_short", "delay_short"]);
    await chain.later(6 * DAY);
    await done(chain.manager.setTargetAdminDelay(chain.deployment.contracts.exchange, GUARD_DELAY));
    await done(chain.manager.setGrantDelay(GUARD_ROLE, GUARD_DELAY));
    expect(codesOf(await check()), "on their way back").to.deep.equal(["delay_short", "delay_short"]);
    await chain.later(6 * DAY);
    expect(codesOf(await check())).to.deep.equal([]);
  });

  it("show a function that everybody may call, or another role", async () => {
    const { ledger, exchange } = chain.deployment.contracts;
    const [freeze, unfreeze, setGuard] = RESTRICTED.map(({ selector }) => selector);
    if (freeze === undefined || unfreeze === undefined || setGuard === undefined) throw new Error("no selectors");
    await done(chain.manager.setTargetFunctionRole(ledger, [freeze], PUBLIC_ROLE));
    await done(chain.manager.setTargetFunctionRole(ledger, [unfreeze], 7n));
    const data = chain.manager.interface.encodeFunctionData("setTargetFunctionRole", [exchange, [setGuard], 0n]);
    await announced(data);
    const report = await check();
    expect(report.findings.map(({ code, subject }) => `${code} ${subject}`)).to.have.members([
      "function_public ledger.freeze",
      "function_role_unexpected ledger.unfreeze",
      "function_role_unexpected exchange.setGuard",
    ]);
    expect(report.rights.find(({ functions }) => functions.includes("freeze"))?.callers).to.equal(null);
  });

  it("show what is scheduled, decoded, unless it is known; and nothing of it once it is cancelled", async () => {
    const { exchange } = chain.deployment.contracts;
    const data = Exchange__factory.createInterface().encodeFunctionData("removeGuard", [ZeroAddress, exchange]);
    await done(chain.manager.connect(chain.guard).schedule(exchange, data, 0n));
    const report = await check();
    expect(codesOf(report)).to.deep.equal(["operation_scheduled"]);
    const [operation] = report.findings;
    expect(operation?.detail).to.contain(`exchange.removeGuard(${ZeroAddress}, ${exchange}) by ${chain.guard.address}`);
    expect(report.pending.map(({ kind, subject }) => [kind, subject])).to.deep.equal([
      ["operation", operation?.subject],
    ]);
    const known = { format: EXPECTED_ROLES_FORMAT, operations: [operation?.subject] };
    const expected = expectedBeside(expectedOf(chain.deployment), JSON.stringify(known));
    expect((await checkRoles(chain.rpc, chain.deployment, expected, "latest")).findings).to.deep.equal([]);
    await done(chain.manager.cancel(chain.guard.address, exchange, data));
    expect(await check()).to.include({ ok: true });
  });

  it("show another admin or guardian of a role", async () => {
    await done(chain.manager.setRoleAdmin(GUARD_ROLE, 9n));
    await done(chain.manager.setRoleGuardian(1n, 8n));
    const report = await check();
    expect(codesOf(report)).to.have.members(["role_admin_unexpected", "role_guardian_unexpected"]);
    const granting = report.rights.find(
      ({ functions, about }) => functions.includes("grantRole") && about === "role 2",
    );
    expect(granting).to.deep.include({ role: 9n, callers: [] });
    const known = { format: EXPECTED_ROLES_FORMAT, admins: { 2: 9 }, guardians: { 1: 8 } };
    const expected = expectedBeside(expectedOf(chain.deployment), JSON.stringify(known));
    expect((await checkRoles(chain.rpc, chain.deployment, expected, "latest")).findings).to.deep.equal([]);
  });

  it("show a closed contract, whose functions nobody can call, and one that is none of the deployment's", async () => {
    await done(chain.manager.setTargetClosed(chain.deployment.contracts.ledger, true));
    await done(chain.manager.setTargetFunctionRole(chain.stranger.address, ["0x12345678"], 1n));
    const report = await check();
    expect(codesOf(report)).to.have.members(["target_closed", "target_unknown"]);
    expect(report.rights.find(({ functions }) => functions.includes("freeze"))?.callers).to.deep.equal([]);
  });

  it("show a contract that obeys another AccessManager", async () => {
    const other = await new AccessManager__factory(chain.stranger).deploy(chain.stranger.address);
    await done(chain.manager.updateAuthority(chain.deployment.contracts.ledger, await other.getAddress()));
    expect(codesOf(await check())).to.deep.equal(["authority_differs"]);
  });

  it("show code that is missing, or not as the file says, and an AccessManager of other code", async () => {
    const { contracts, codeHashes } = chain.deployment;
    const changed = { ...codeHashes, gateway: keccak256("0x01") };
    expect(codesOf(await check({ codeHashes: changed }))).to.deep.equal(["code_differs"]);
    const missing = await check({ contracts: { ...contracts, x402: chain.stranger.address } });
    expect(codesOf(missing)).to.deep.equal(["no_code"]);
    const { notes } = await check({ codeHashes: {} });
    expect(notes).to.have.length(6);
    // The same AccessManager with something behind its end.
    const code = String(await chain.provider.request({ method: "eth_getCode", params: [contracts.manager, "latest"] }));
    await chain.provider.request({ method: "hardhat_setCode", params: [contracts.manager, `${code}00`] });
    expect(codesOf(await check())).to.have.members(["manager_unknown", "code_differs"]);
    await chain.provider.request({ method: "hardhat_setCode", params: [contracts.manager, "0x"] });
    expect(codesOf(await check())).to.include("no_code");
  });

  it("show a history that begins too late, and say so if the node cannot tell", async () => {
    const late = await check({ startBlock: chain.deployment.startBlock + 2 });
    expect(codesOf(late)).to.include("history_incomplete");
    await done(chain.manager.grantRole(0n, chain.stranger.address, 0));
    const startBlock = Number(await chain.provider.request({ method: "eth_blockNumber", params: [] }));
    const alike = (await check({ startBlock })).findings.find(({ code }) => code === "history_incomplete");
    expect(alike?.detail, "a grant that looks like the first").to.contain("was there before");
    await done(chain.manager.revokeRole(0n, chain.stranger.address));
    // A node without old state; the transaction's receipt says what it created.
    const pruned =
      (created: string | null): RpcCall =>
      async (method, params) => {
        if (method === "eth_getCode" && typeof params[1] === "string")
          throw new RpcError("refused", "missing trie node");
        const answer = await chain.rpc(method, params);
        if (method !== "eth_getTransactionReceipt" || created === null) return answer;
        return { ...(answer as object), contractAddress: created };
      };
    const created = await check({}, pruned(chain.deployment.contracts.manager));
    expect([created.findings, created.notes]).to.deep.equal([[], []]);
    const byFactory = await check({}, pruned(chain.stranger.address));
    expect(byFactory.findings).to.deep.equal([]);
    expect(byFactory.notes).to.have.length(1);
  });

  it("show a node that hides events, or an event that is none of an AccessManager's", async () => {
    await done(chain.manager.revokeRole(1n, chain.compliance.address));
    await done(chain.manager.grantRole(1n, chain.compliance.address, 0));
    const lying =
      (change: (logs: Record<string, unknown>[]) => unknown): RpcCall =>
      async (method, params) => {
        const answer = await chain.rpc(method, params);
        return method === "eth_getLogs" ? change(answer as Record<string, unknown>[]) : answer;
      };
    expect(
      codesOf(
        await check(
          {},
          lying((logs) => logs.slice(0, -1)),
        ),
      ),
    ).to.deep.equal(["events_disagree"]);
    const strange = (logs: Record<string, unknown>[]): unknown =>
      logs.map((log, index) => (index === 3 ? { ...log, topics: [keccak256("0x02")] } : log));
    expect(codesOf(await check({}, lying(strange)))).to.include("event_unreadable");
  });

  it("are not expected from a file that says something else than it may", () => {
    const own = expectedOf(chain.deployment);
    const wrong: readonly [object, string][] = [
      [{ format: "corridor-roles/2" }, "format"],
      [{ member: [] }, "member"],
      [{ members: {} }, "members"],
      [{ members: [{ role: 1, account: "0x12", delay: 0 }] }, "members.0.account"],
      [{ members: [{ role: -1, account: ZeroAddress, delay: 0 }] }, "members.0.role"],
      [{ members: [{ role: "18446744073709551616", account: ZeroAddress, delay: 0 }] }, "members.0.role"],
      [{ members: [{ role: 1, account: ZeroAddress }] }, "members.0.delay"],
      [{ operations: ["0x12"] }, "operations.0"],
      [{ guardians: { guard: 1 } }, "guardians.guard"],
    ];
    for (const [change, field] of wrong) {
      expect(() => expectedBeside(own, JSON.stringify({ format: EXPECTED_ROLES_FORMAT, ...change })))
        .to.throw(ExpectedRolesError)
        .with.property("field", field);
    }
    expect(() => expectedBeside(own, "{")).to.throw(ExpectedRolesError);
  });

  it("have every finding in the documents", () => {
    const page = readFileSync("docs/roles.md", "utf8");
    for (const [code, meaning] of Object.entries(FINDINGS)) expect(page).to.contain(`| \`${code}\` | ${meaning}`);
  });
});
