import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { hexlify, Wallet } from "ethers";
import pg from "pg";

import type { AuditReport } from "../../audit/report.ts";
import { deadlineIn } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import type { Payment } from "../../sdk/payment.ts";
import { RecordError } from "../../sdk/record/record-error.ts";
import { INTERFACES } from "../../sdk/record/record-steps.ts";
import { httpRpc, type RpcCall, RpcError } from "../../sdk/record/rpc.ts";
import { toCompactSignature } from "../../sdk/signature.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { LyingToken__factory } from "../../typechain-types/factories/contracts/mocks/LyingToken__factory.ts";
import { ReentrantToken__factory } from "../../typechain-types/factories/contracts/mocks/ReentrantToken__factory.ts";
import { AccountOwner } from "./account-owner.ts";
import { auditStack } from "./audit-stack.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";

const FUNDS = 100_000_000n;
const topicOf = (name: string): string => INTERFACES.ledger.getEvent(name)?.topicHash ?? "";

type Log = Record<string, unknown> & { readonly topics: string[]; readonly transactionHash: string; data: string };

describe("an audit", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let owner: AccountOwner;
  let database: pg.Client;
  let folder: string;
  let rpc: RpcCall;
  const ids: string[] = [];
  let holdId = "";
  let instructionId = "";

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "corridor-audit-"));
    ({ stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "50" }, "scripts/local/anvil.ts"));
    rpc = httpRpc(stack.chain.url);
    owner = await AccountOwner.open(stack, FUNDS);
    database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
    await database.connect();
    for (let index = 0; index < 3; index += 1) {
      const payment = await compose();
      const { id } = await owner.client.submitPayment(payment, await signPayment(owner.wallet, owner.domain, payment));
      expect((await owner.client.decided(id)).state).to.be.oneOf(["settled", "final"]);
      ids.push(id);
    }
    const device = new Wallet(hexlify(randomBytes(32))).address;
    const bound = await owner.submit("device-binding", await owner.binding({ index: 7, key: device }));
    instructionId = bound.id;
    await owner.done(Promise.resolve(bound));
    const shop = await Shop.open(stack, FUNDS);
    const view = await shop.hold(await shop.terms());
    holdId = view.hold?.id ?? "";
    await shop.done(shop.capture(view.id, 400_000n));
  });

  after(async () => {
    await database.end();
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function compose(): Promise<Payment> {
    return {
      ...{ payer: owner.address, payee: new Wallet(hexlify(randomBytes(32))).address, token: owner.token },
      ...{ amount: 1_000_000n, nonce: owner.nextNonce(), deadline: await deadlineIn(stack, 600n) },
      memo: hexlify(randomBytes(32)),
    };
  }

  const codes = ({ counts }: AuditReport): string[] => Object.keys(counts);

  /** An audit by way of a node that tells events as `change` has them: in searches alone, or in receipts as well. */
  function auditBehind(change: (logs: Log[]) => Log[], inReceipts: boolean): Promise<AuditReport> {
    const lying: RpcCall = async (method, params) => {
      const answer = await rpc(method, params);
      if (method === "eth_getLogs") return change(answer as Log[]);
      if (method !== "eth_getTransactionReceipt" || !inReceipts) return answer;
      return { ...(answer as object), logs: change((answer as { logs: Log[] }).logs) };
    };
    return auditStack(stack, { rpc: lying, bulkRpc: lying });
  }

  const isSettled = ({ topics }: Log): boolean => topics[0] === topicOf("Settled") && topics[1] === ids[1];
  const cheaper = (logs: Log[]): Log[] =>
    logs.map((log) =>
      isSettled(log) ? { ...log, data: log.data.replace(/^0x.{64}/, `0x${"1".padStart(64, "0")}`) } : log,
    );
  const without = (logs: Log[]): Log[] => logs.filter((log) => !isSettled(log));

  it("finds nothing where nothing is wrong", async () => {
    const report = await auditStack(stack);
    expect(report.exceptions).to.deep.equal([]);
    expect(report).to.deep.include({ ok: true, holds: 1 });
    expect(report.counters).to.include({ payments: 4, signatures: 4 });
    expect(report.contracts).to.include({
      escrow: stack.deployment.escrow.toLowerCase(),
      gateway: stack.deployment.gateway.toLowerCase(),
      exchange: stack.deployment.exchange.toLowerCase(),
    });
    for (const { isBalanced, debits, credits, owed, reserves } of report.tokens) {
      expect([isBalanced, debits]).to.deep.equal([true, credits]);
      expect(reserves).to.deep.equal({ held: owed, byEvents: owed, owed, isPaidOut: owed === 0n ? null : true });
    }
  });

  it("finds a wrong event, with its transaction", async () => {
    const { transactionHash } = await owner.client.payment(ids[1] ?? "");
    const report = await auditBehind(cheaper, false);
    expect(codes(report)).to.include.members(["event_differs", "event_not_as_signed", "batch_differs", "slot_differs"]);
    const found = report.exceptions.find(({ code }) => code === "event_differs");
    expect(found?.transaction).to.equal(transactionHash);
    const everywhere = await auditBehind(cheaper, true);
    expect(codes(everywhere)).to.include.members(["event_not_as_signed", "slot_differs", "database_row_differs"]);
    expect(codes(everywhere)).not.to.include("event_differs");
    const signed = everywhere.exceptions.find(({ code }) => code === "event_not_as_signed");
    expect(signed).to.include({ subject: ids[1], transaction: transactionHash });
  });

  it("finds a missing event, whatever else the node hides", async () => {
    expect(codes(await auditBehind(without, false))).to.include.members(["event_missing", "slot_differs"]);
    const everywhere = await auditBehind(without, true);
    const expected = ["row_without_event", "batch_differs", "slot_differs", "database_row_extra"];
    expect(codes(everywhere)).to.include.members(expected);
    expect(everywhere.exceptions.find(({ code }) => code === "row_without_event")?.subject).to.equal(ids[1]);
    // All that a transaction did.
    const { transactionHash } = await owner.client.payment(ids[2] ?? "");
    const hidden = await auditBehind((logs) => logs.filter((log) => log.transactionHash !== transactionHash), true);
    expect(codes(hidden)).to.have.members(["slot_differs", "database_row_differs", "database_row_extra"]);
  });

  it("finds each row of a database that was tampered with", async () => {
    const [, second = "", third = ""] = ids;
    const tampered = async (sql: string, values: unknown[] = []): Promise<readonly [string, string][]> => {
      await database.query("BEGIN");
      await database.query("SET LOCAL session_replication_role = replica");
      await database.query(sql, values);
      await database.query("COMMIT");
      const { exceptions } = await auditStack(stack);
      return exceptions.map(({ code, subject }) => [code, subject] as [string, string]);
    };
    const backup = async (table: string): Promise<void> => {
      await database.query(`DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT * FROM ${table}`);
    };
    const restore = async (table: string): Promise<void> => {
      await database.query(
        `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept; COMMIT`,
      );
    };
    await backup("payments");
    const payment = `payments ${second}`;
    for (const change of [
      "amount = amount + 1",
      `payee = '${owner.address}'`,
      "fee = 7",
      "memo = id",
      "settled_hash = memo",
    ]) {
      expect(await tampered(`UPDATE payments SET ${change} WHERE id = $1`, [second]), change).to.deep.equal([
        ["database_row_differs", payment],
      ]);
      await restore("payments");
    }
    expect(await tampered("DELETE FROM payments WHERE id = $1", [second])).to.deep.equal([
      ["database_row_missing", payment],
    ]);
    await restore("payments");
    expect(await tampered("UPDATE payments SET state = 'rejected' WHERE id = $1", [second])).to.deep.equal([
      ["database_row_differs", payment],
    ]);
    await restore("payments");
    const forged = `0x${"ab".repeat(32)}`;
    expect(await tampered("UPDATE payments SET id = $1 WHERE id = $2", [forged, third])).to.have.deep.members([
      ["database_row_extra", `payments ${forged}`],
      ["database_row_missing", `payments ${third}`],
    ]);
    await restore("payments");

    await backup("accounts");
    const account = `accounts ${owner.address} ${owner.token}`;
    expect(
      await tampered("UPDATE accounts SET balance = balance + 1 WHERE owner = $1 AND token = $2", [
        owner.address,
        owner.token,
      ]),
    ).to.deep.equal([["database_row_differs", account]]);
    await restore("accounts");
    await backup("holds");
    expect(await tampered("UPDATE holds SET captured = captured - 1")).to.deep.equal([
      ["database_row_differs", `holds ${holdId}`],
    ]);
    expect(await tampered("DELETE FROM holds")).to.deep.equal([["database_row_missing", `holds ${holdId}`]]);
    await restore("holds");
    await backup("instructions");
    const instruction = `instructions ${instructionId}`;
    expect(await tampered("UPDATE instructions SET owner = token")).to.deep.equal([
      ["database_row_differs", instruction],
    ]);
    expect(await tampered("DELETE FROM instructions")).to.deep.equal([["database_row_missing", instruction]]);
    await restore("instructions");
    await database.query("DROP TABLE kept");
    expect(await tampered("SELECT 1")).to.deep.equal([]);
  });

  it("checks what a stranger's contract handed on, where the node keeps traces", async () => {
    const payment = await compose();
    const signature = toCompactSignature(await signPayment(owner.wallet, owner.domain, payment));
    const rows = [{ ...payment, r: signature?.r ?? "", vs: signature?.vs ?? "" }];
    const data = Ledger__factory.createInterface().encodeFunctionData("settle", [
      [{ payee: payment.payee, token: payment.token, rows }],
    ]);
    const { deployer, deployment } = stack;
    const stranger = await new ReentrantToken__factory(deployer).deploy();
    await stranger.waitForDeployment();
    await (await stranger.mint(await deployer.getAddress(), 1n)).wait();
    await (await stranger.setCall(deployment.ledger, data)).wait();
    await (await stranger.transfer(owner.address, 1n)).wait();
    const id = paymentId(owner.domain, payment);
    expect(codes(await auditStack(stack))).to.deep.equal([]);
    const blind: RpcCall = (method, params) =>
      method === "debug_traceTransaction"
        ? Promise.reject(new RpcError("refused", "no such method", -32_601))
        : rpc(method, params);
    const { exceptions } = await auditStack(stack, { bulkRpc: blind });
    expect(exceptions.map(({ code, subject }) => [code, subject])).to.deep.equal([["signature_not_found", id]]);
  });

  it("finds a token that lies about balances, and says of the others that they are sound", async () => {
    const { deployer, deployment } = stack;
    const token = await new LyingToken__factory(deployer).deploy();
    await token.waitForDeployment();
    await (await token.mint(await deployer.getAddress(), 100n)).wait();
    await (await token.approve(deployment.ledger, 100n)).wait();
    await (
      await Ledger__factory.connect(deployment.ledger, deployer).deposit(token.target, owner.address, 100n)
    ).wait();
    const address = (await token.getAddress()).toLowerCase();
    const { exceptions, tokens } = await auditStack(stack);
    const found = exceptions.filter(({ subject }) => subject === address).map(({ code }) => code);
    expect(found).to.deep.equal(["token_events_disagree", "token_does_not_pay"]);
    expect(exceptions.filter(({ code }) => code.startsWith("token_") || code.startsWith("reserves_"))).to.have.length(
      2,
    );
    const reserves = { held: 200n, byEvents: 100n, owed: 200n, isPaidOut: false };
    expect(tokens.find((one) => one.token === address)?.reserves).to.deep.equal(reserves);
    const chosen = await auditStack(stack, { tokens: [deployment.dollar, deployment.euro] });
    expect(codes(chosen)).not.to.include("token_does_not_pay");
  });

  it("gives no report if its end block is replaced meanwhile", async () => {
    let asked = 0;
    const moving: RpcCall = async (method, params) => {
      const answer = await rpc(method, params);
      if (method === "eth_getStorageAt") asked += 1;
      const isLater = asked > 0 && method === "eth_getBlockByNumber";
      return isLater ? { ...(answer as object), hash: `0x${"cd".repeat(32)}` } : answer;
    };
    const failure = await auditStack(stack, { rpc: moving }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(RecordError);
    expect((failure as RecordError).failure).to.equal("reorged");
  });

  describe("as a command", () => {
    interface Ended {
      readonly status: number | null;
      readonly out: string;
      readonly err: string;
    }

    function run(...args: string[]): Promise<Ended> {
      const child = spawn(process.execPath, ["--import", "tsx", "scripts/audit.ts", ...args]);
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      return new Promise((resolve) => {
        child.once("close", (status) => {
          resolve({ status, out, err });
        });
      });
    }

    const where = (): string[] => ["--rpc", stack.chain.url, "--ledger", stack.deployment.ledger];

    it("ends with 0 where all holds, 1 with its findings, and 2 where it could not be made", async () => {
      const state = join(folder, "state.json");
      const { blockNumber } = await owner.client.payment(ids[2] ?? "");
      const range = ["--to", String(blockNumber), "--resume", state, "--json"];
      const good = await run(...where(), ...range);
      expect(good.status, good.out + good.err).to.equal(0);
      const report = JSON.parse(good.out.trim().split("\n").at(-1) ?? "") as AuditReport;
      expect(report.counters.payments).to.equal(3);
      // Goes on to the head, over what it knows.
      const found = await run(...where(), "--to", "latest", "--resume", state, "--json");
      expect(found.status, found.err).to.equal(1);
      expect(found.out).to.include("token_does_not_pay");
      const later = JSON.parse(found.out.trim().split("\n").at(-1) ?? "") as AuditReport;
      expect(later.counters.payments).to.equal(5);
      const whole = await run(...where(), "--to", "latest", "--json");
      const fresh = JSON.parse(whole.out.trim().split("\n").at(-1) ?? "") as AuditReport;
      expect(later.tokens).to.deep.equal(fresh.tokens);
      expect(later.slots).to.equal(fresh.slots);

      const replaced = (await readFile(state, "utf8")).replace(
        /"done":\{(.*?)"hash":"0x.{64}"/,
        `"done":{$1"hash":"0x${"ee".repeat(32)}"`,
      );
      await writeFile(state, replaced);
      const gone = await run(...where(), "--to", "latest", "--resume", state);
      expect(gone.status).to.equal(2);
      expect(gone.err).to.include("reorganised");
      const refusals = [
        ["--ledger", owner.address],
        ["--rpc", "http://127.0.0.1:9"],
        ["--from", "x"],
        ["--nothing"],
        ["--database", "postgresql://127.0.0.1:9/none"],
      ];
      for (const wrong of refusals) expect((await run(...where(), ...wrong)).status, wrong.join(" ")).to.equal(2);
      expect((await run()).status).to.equal(2);
    });
  });
});
