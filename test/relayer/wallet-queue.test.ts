import { expect } from "chai";
import { hexlify, randomBytes, ZeroHash } from "ethers";
import { pino } from "pino";

import { SETTLEMENT_GAS } from "../../relayer/batching/batches.ts";
import { createPaymentWork } from "../../relayer/lanes/payment-work.ts";
import { createWalletWork } from "../../relayer/lanes/wallet-work.ts";
import type { Call } from "../../relayer/lanes/work.ts";
import { applyRejected } from "../../relayer/store/chain.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { acquireLease, type Lease, releaseUnsigned } from "../../relayer/store/lanes.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import {
  assignPayments,
  findPayment,
  insertPayments,
  type PaymentRecord,
  queueState,
} from "../../relayer/store/payments.ts";
import { insertTransaction, markBroadcast, recordLoss, recordOutcome } from "../../relayer/store/transactions.ts";
import { assignDeployment, markDeployed, waitForWalletsAgain } from "../../relayer/store/wallets.ts";
import type { WalletOutcome, WalletQuestions } from "../../relayer/wallet-deployment.ts";
import { ROW_CODES } from "../../sdk/row-codes.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const KIND = { funding: "account", hold: false, fx: false } as const;
const [LANE, OTHER_LANE, FACTORY, MERCHANT] = ["lane", "other lane", "factory", "merchant"];
const random = (): string => hexlify(randomBytes(32));

describe("the queue of payments that wait for their wallet", () => {
  let server: TestDatabase;
  let database: Database;
  let lease: Lease;
  let otherLease: Lease;
  let nonce = 0n;

  before(async () => {
    server = await openTestDatabase();
    database = openDatabase(server.url);
    await migrate(database);
  });

  beforeEach(async () => {
    await database.query("TRUNCATE payments, transactions, lanes CASCADE");
    lease = await leaseOf(LANE);
    otherLease = await leaseOf(OTHER_LANE);
  });

  after(async () => {
    await database.end();
    await server.stop();
  });

  async function leaseOf(lane: string): Promise<Lease> {
    const held = await acquireLease(database, lane, "this test", 600_000, 0n);
    if (held === undefined) throw new Error("no lease");
    return held;
  }

  /** @returns the id of a payment by a wallet that is not there. */
  async function accepted(payer: string, deadline = 2_000n): Promise<string> {
    const id = random();
    nonce += 1n;
    const deployment = { factory: FACTORY, data: "0xaabb" };
    await insertPayments(database, [
      {
        ...{ id, payer, payee: MERCHANT, merchant: MERCHANT, token: "token", amount: 1n, nonce, deadline },
        ...{ memo: ZeroHash, r: ZeroHash, vs: ZeroHash, signature: "0x1234", signer: null, funding: "account" },
        ...{ terms: null, holdId: null, fx: null, requestId: null, deployment },
      },
    ]);
    return id;
  }

  function work(outcome: WalletOutcome, hasCode = false, factories = [FACTORY]) {
    const questions: WalletQuestions = {
      hasCode: () => Promise.resolve(hasCode),
      tryWallet: () => Promise.resolve(outcome),
    };
    return createWalletWork({ database, questions, factories, log: pino({ level: "silent" }) });
  }

  const head = {
    ...{ number: 1n, hash: ZeroHash, parentHash: ZeroHash, timestamp: 1_000n, baseFee: 0n },
    transactions: [],
  };

  /** As a lane does: what was not signed goes back. */
  async function prepare(of: ReturnType<typeof work>, held = lease): Promise<Call | "idle" | "refused"> {
    const call = await of.prepare(held, () => Promise.resolve(head));
    if (call === "refused") await releaseUnsigned(database, held.address);
    return call;
  }

  /** As a lane does: signs the call and hands it to a node. @returns the transaction's hash. */
  async function send(call: Call | "idle" | "refused"): Promise<string> {
    if (call === "idle" || call === "refused") throw new Error(`nothing to send: ${call}`);
    const hash = random();
    nonce += 1n;
    await inTransaction(database, async (db) => {
      await insertTransaction(db, { hash, raw: "0x", lane: LANE, nonce, rows: call.rows, batches: call.batches });
      await call.attach(db, hash);
    });
    await markBroadcast(database, hash);
    return hash;
  }

  const conclude = (hash: string, succeeded: boolean) =>
    recordOutcome(database, {
      ...{ hash, minedHash: hash, empties: false, blockNumber: 1n, gasUsed: 1n, feeWei: 1n },
      succeeded,
    });

  async function stateOf(id: string): Promise<string> {
    const payment = await findPayment(database, id);
    return [payment?.state, payment?.code].filter((part) => part !== null).join(" ");
  }

  it("is passed over by those who settle, and counted by who watches", async () => {
    await accepted("alice");
    expect((await queueState(database, 10, KIND)).waiting).to.equal(0);
    expect((await queueState(database, 10)).waiting).to.equal(1);
    expect(await assignPayments(database, lease, 10, KIND)).to.have.length(0);
    await markDeployed(database, "alice");
    expect((await queueState(database, 10, KIND)).waiting).to.equal(1);
    expect(await assignPayments(database, lease, 10, KIND)).to.have.length(1);
  });

  it("lets two lanes never deploy the same wallet", async () => {
    const first = await accepted("alice");
    await accepted("alice");
    const bobs = await accepted("bob");
    const taken = await Promise.all([lease, otherLease].map((held) => assignDeployment(database, held)));
    expect(taken.map((payment) => payment?.id).sort()).to.deep.equal([first, bobs].sort());
    expect(await assignDeployment(database, lease)).to.equal(undefined);
  });

  it("hands nothing to a lane whose lease another one took over", async () => {
    await accepted("alice");
    expect(await assignDeployment(database, { ...lease, fence: lease.fence - 1n })).to.equal(undefined);
  });

  it("waits while the deployment is under way, even if the payment that asked for it expires", async () => {
    const first = await accepted("alice", 1_500n);
    const second = await accepted("alice");
    const call = await prepare(work("valid"));
    expect(call).to.include({ to: FACTORY, data: "0xaabb", gasLimit: 3_000_000, rows: 0 });
    const hash = await send(call);
    expect(await stateOf(first)).to.equal("accepted");
    expect(await prepare(work("valid"), otherLease)).to.equal("idle");
    const late = { ...head, timestamp: 1_501n };
    expect(await work("valid").prepare(otherLease, () => Promise.resolve(late))).to.equal("idle");
    expect(await stateOf(first)).to.equal("expired expired");
    expect(await stateOf(second)).to.equal("accepted");
    await conclude(hash, true);
    expect(await prepare(work("valid", true))).to.equal("refused");
    expect(await assignPayments(database, lease, 10, KIND)).to.have.length(1);
  });

  it("gives a payment up whose wallet is not there once the transaction was mined, and goes on with the next", async () => {
    const [first, second] = [await accepted("alice"), await accepted("alice")];
    await conclude(await send(await prepare(work("valid"))), true);
    expect(await prepare(work("valid"))).to.equal("refused");
    expect(await stateOf(first)).to.equal("rejected deployment_failed");
    expect(await stateOf(second)).to.equal("accepted");
    await send(await prepare(work("valid")));
  });

  it("tries again what failed or was lost, three times", async () => {
    const id = await accepted("alice");
    await conclude(await send(await prepare(work("valid"))), false);
    await recordLoss(database, await send(await prepare(work("valid"))), 0n);
    await conclude(await send(await prepare(work("valid"))), false);
    expect(await stateOf(id)).to.equal("accepted");
    expect(await prepare(work("valid"))).to.equal("refused");
    expect(await stateOf(id)).to.equal("rejected deployment_failed");
  });

  it("sends nothing for what would fail now, nor to a factory that the operator named no more", async () => {
    const cases: [WalletOutcome, string[], string][] = [
      ["factory_failed", [FACTORY], "deployment_failed"],
      ["no_code", [FACTORY], "deployment_failed"],
      ["bad_signature", [FACTORY], "bad_signature"],
      ["valid", [], "factory_not_allowed"],
    ];
    for (const [outcome, factories, code] of cases) {
      const id = await accepted("alice");
      expect(await prepare(work(outcome, false, factories))).to.equal("refused");
      expect(await stateOf(id)).to.equal(`rejected ${code}`);
    }
  });

  it("takes a payment back whose wallet a reorg took, and refuses in the end one whose wallet changed its mind", async () => {
    const id = await accepted("alice");
    await conclude(await send(await prepare(work("valid"))), true);
    for (const attempt of [2, 3]) {
      await prepare(work("valid", true));
      const [payment] = await assignPayments(database, lease, 10, KIND);
      expect(payment?.id).to.equal(id);
      await waitForWalletsAgain(database, [{ id, code: "bad_signature", transactionHash: null }]);
      expect(await stateOf(id), `attempt ${attempt}`).to.equal("accepted");
      expect((await queueState(database, 10, KIND)).waiting).to.equal(0);
    }
    await prepare(work("valid", true));
    await assignPayments(database, lease, 10, KIND);
    await waitForWalletsAgain(database, [{ id, code: "bad_signature", transactionHash: null }]);
    expect(await stateOf(id)).to.equal("assigned");
  });

  it("takes a payment back whose signature a simulation finds bad, and refuses it in the end", async () => {
    const id = await accepted("alice");
    const settle = createPaymentWork<PaymentRecord>({
      ...{ database, limits: { maxRows: 10, maxAgeMs: 0, maxGas: 15_000_000 }, log: pino({ level: "silent" }) },
      ...{ kind: KIND, gas: SETTLEMENT_GAS, catchUp: () => Promise.resolve() },
      simulator: { provider: { call: () => Promise.resolve("0x") }, from: LANE },
      isCarried: (row): row is PaymentRecord => row.deployment !== null,
      call: {
        to: "ledger",
        encode: (rows) => ({ rows, batches: 1, data: "0x", gasLimit: 1 }),
        decode: (_answer, rows) => rows.map(() => BigInt(ROW_CODES.indexOf("bad_signature"))),
      },
    });
    const readHead = () => Promise.resolve(head);
    for (let time = 1; time <= 3; time += 1) {
      expect(await settle.prepare(lease, readHead)).to.equal("idle");
      await prepare(work("valid", true));
      expect(await settle.prepare(lease, readHead)).to.equal("refused");
      expect(await stateOf(id)).to.equal("accepted");
    }
    await prepare(work("valid", true));
    expect(await settle.prepare(lease, readHead)).to.equal("refused");
    expect(await stateOf(id)).to.equal("rejected bad_signature");
  });

  it("takes a payment back that the chain rejected, by its signature and in its own transaction only", async () => {
    const id = await accepted("alice");
    await markDeployed(database, "alice");
    const hash = random();
    await insertTransaction(database, { hash, raw: "0x", lane: LANE, nonce: 1n, rows: 1, batches: 1 });
    await database.query("UPDATE payments SET state = 'submitted', transaction_hash = $1 WHERE id = $2", [hash, id]);
    const rejected = { id, blockNumber: 1n, code: "bad_signature" };
    await applyRejected(database, [{ ...rejected, transactionHash: random() }]);
    expect(await stateOf(id)).to.equal("submitted");
    await applyRejected(database, [{ ...rejected, transactionHash: hash }]);
    expect(await stateOf(id)).to.equal("accepted");
    expect((await queueState(database, 10, KIND)).waiting).to.equal(0);
  });
});
