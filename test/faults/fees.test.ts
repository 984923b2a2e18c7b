import { expect } from "chai";
import { Transaction, Wallet } from "ethers";

import { readBooks } from "../../scripts/local/books.ts";
import { settledOnChain } from "../../scripts/bench/throughput/market.ts";
import { LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { localKey } from "../../scripts/local/stack.ts";
import { eventually } from "../relayer/receiver.ts";
import { ANVIL, type HandMined, startHandMined } from "./hand-mined.ts";

const GWEI = 10n ** 9n;
const CEILING_GWEI = 100n;
const FINALITY = 3;
const STUCK_MS = 1_000;
const LANES = [18, 19].map((index) => new Wallet(localKey(index).privateKey));
/** Gauges of lanes are set every few seconds. */
const GAUGE_LIMIT_MS = 12_000;

/** Bytes that a lane signed for a place in its sequence; the first are those that the transaction is known by. */
interface Signed {
  readonly hash: string;
  readonly known: string;
  readonly state: string;
  readonly minedHash: string | null;
  readonly transaction: Transaction;
}

describe("lanes in a market for blocks", () => {
  let world: HandMined;
  const all: string[] = [];

  before(async () => {
    const settings = {
      ...{ CORRIDOR_STUCK_MS: String(STUCK_MS), CORRIDOR_RESEND_MS: "300", CORRIDOR_FINALITY_DEPTH: String(FINALITY) },
      ...{ CORRIDOR_TIP_GWEI: "1", CORRIDOR_MAX_FEE_GWEI: String(CEILING_GWEI) },
    };
    world = await startHandMined(settings, ANVIL);
  });

  after(() => world.stop());

  beforeEach(() => mineAt(10n));

  afterEach(async () => {
    const { shop, stack, database } = world;
    await mineAt(10n);
    await world.mineUntilDecided();
    const events = await settledOnChain(stack);
    for (const id of all) {
      expect(events.get(id), id).to.equal(1);
      expect((await shop.client.payment(id)).state).to.be.oneOf(["settled", "final"]);
    }
    expect((await readBooks(stack)).imbalances).to.deep.equal([]);
    for (const { transaction } of await signed()) {
      expect(transaction.maxFeePerGas ?? 0n).to.be.at.most(CEILING_GWEI * GWEI);
    }
    const { rows } = await database.query("SELECT 1 FROM transactions WHERE state = 'failed'");
    expect(rows).to.have.length(0);
  });

  /** Mines a block with this base fee; the next one's is an eighth less at least. */
  async function mineAt(baseFeeGwei: bigint): Promise<void> {
    await world.rpc("anvil_setNextBlockBaseFeePerGas", [`0x${(baseFeeGwei * GWEI).toString(16)}`]);
    await world.mine();
  }

  async function pay(): Promise<string> {
    const id = await world.pay();
    all.push(id);
    return id;
  }

  /** All that was ever signed, in order. */
  async function signed(): Promise<Signed[]> {
    const { rows } = await world.database.query<Omit<Signed, "transaction"> & { raw: string }>(
      `SELECT b.hash, t.hash AS known, t.state, t.mined_hash AS "minedHash", b.raw FROM transactions t
       CROSS JOIN LATERAL (SELECT t.hash, t.raw, t.signed_at UNION ALL
         SELECT hash, raw, signed_at FROM bids WHERE transaction_hash = t.hash) b
       ORDER BY t.signed_at, b.signed_at`,
    );
    return rows.map(({ raw, ...row }) => ({ ...row, transaction: Transaction.from(raw) }));
  }

  /** The bytes that were signed for the transaction that a payment is in. */
  async function signedFor(payment: string): Promise<[Signed, ...Signed[]]> {
    const { rows } = await world.database.query<{ hash: string }>(
      "SELECT transaction_hash AS hash FROM payments WHERE id = $1",
      [payment],
    );
    const [first, ...bids] = (await signed()).filter(({ known }) => known === rows[0]?.hash);
    if (first === undefined) throw new Error(`${payment} is in no transaction`);
    return [first, ...bids];
  }

  async function settles(id: string): Promise<string> {
    await world.mineUntilDecided();
    const { state, transactionHash } = await world.shop.client.payment(id);
    expect(state).to.be.oneOf(["settled", "final"]);
    return transactionHash ?? "";
  }

  function heldUp(by: string, { address }: Wallet): Promise<number> {
    return world.metric(`corridor_lane_held_up{lane="${address}",by="${by}"}`);
  }

  /** Uses a lane's key behind its back. */
  async function useNonces(lane: Wallet, count: number): Promise<void> {
    const nonce = await world.stack.provider.getTransactionCount(lane.address);
    for (let index = 0; index < count; index += 1) {
      const raw = await lane.signTransaction({
        ...{ type: 2, chainId: LOCAL_CHAIN_ID, nonce: nonce + index, to: lane.address, gasLimit: 21_000n },
        ...{ maxFeePerGas: CEILING_GWEI * GWEI, maxPriorityFeePerGas: GWEI },
      });
      await world.rpc("eth_sendRawTransaction", [raw]);
    }
    await world.mine();
    expect(await world.stack.provider.getTransactionCount(lane.address)).to.equal(nonce + count);
  }

  it("replace what the base fee outran by bids that pay a tenth more and more, of which one is mined", async () => {
    const id = await pay();
    await world.sent();
    await mineAt(40n);
    const [first, bid] = await eventually(
      () => signedFor(id),
      (found) => found.length > 1,
      5_000,
    );
    if (bid === undefined) throw new Error("no bid");
    expect(first.transaction.maxFeePerGas).to.equal(21n * GWEI);
    const tenthMore = (fee: bigint | null): bigint => ((fee ?? 0n) * 11n + 9n) / 10n;
    expect(bid.transaction.maxFeePerGas).to.be.at.least(tenthMore(first.transaction.maxFeePerGas));
    expect(bid.transaction.maxPriorityFeePerGas).to.be.at.least(tenthMore(first.transaction.maxPriorityFeePerGas));
    expect(bid.transaction).to.include({ nonce: first.transaction.nonce, data: first.transaction.data });
    expect(await world.stack.provider.getTransactionReceipt(first.hash)).to.equal(null);

    const mined = await settles(id);
    const [known, ...bids] = await signedFor(id);
    expect(bids.map(({ hash }) => hash)).to.include(mined);
    expect(known).to.deep.include({ hash: first.hash, state: "mined", minedHash: mined });
    const receipts = await Promise.all(
      [known, ...bids].map(({ hash }) => world.stack.provider.getTransactionReceipt(hash)),
    );
    expect(receipts.filter((receipt) => receipt !== null)).to.have.length(1);
  });

  it("sign nothing while a block costs more than they may pay, and go on when it does not", async () => {
    await mineAt(150n);
    const before = (await signed()).length;
    const id = await pay();
    for (const lane of LANES) {
      await eventually(
        () => heldUp("gas_price", lane),
        (value) => value === 1,
        GAUGE_LIMIT_MS,
      );
    }
    expect(await signed()).to.have.length(before);
    expect((await world.shop.client.payment(id)).state).to.be.oneOf(["accepted", "assigned"]);
    await mineAt(10n);
    await settles(id);
    await eventually(
      () => Promise.all(LANES.map((lane) => heldUp("gas_price", lane))),
      (values) => values.includes(0),
      GAUGE_LIMIT_MS,
    );
  });

  it("raise what is stuck up to the ceiling, and wait there", async () => {
    const id = await pay();
    await world.sent();
    await mineAt(150n);
    await eventually(
      () => signedFor(id),
      (found) => found.at(-1)?.transaction.maxFeePerGas === CEILING_GWEI * GWEI,
      5_000,
    );
    const highest = (await signedFor(id)).length;
    await new Promise((resolve) => setTimeout(resolve, 2 * STUCK_MS));
    expect(await signedFor(id)).to.have.length(highest);
    expect((await world.shop.client.payment(id)).state).to.equal("submitted");
    await mineAt(10n);
    expect((await signedFor(id)).map(({ hash }) => hash)).to.include(await settles(id));
  });

  it("free a nonce by nothing, if a stranger settled what was to use it", async () => {
    const id = await pay();
    await world.sent();
    const [{ transaction, hash }] = await signedFor(id);
    const { to, data, gasLimit } = transaction;
    const fees = { maxFeePerGas: 90n * GWEI, maxPriorityFeePerGas: 2n * GWEI };
    const stranger = await world.stack.deployer.sendTransaction({ to, data, gasLimit, ...fees });
    await mineAt(40n);
    await eventually(
      () => world.shop.client.payment(id),
      ({ transactionHash, state }) => state === "settled" && transactionHash === stranger.hash,
    );
    const empty = await eventually(
      async () => (await signed()).find((one) => one.known === hash && one.transaction.data === "0x"),
      (found) => found !== undefined,
      5_000,
    );
    expect(await settles(id)).to.equal(stranger.hash);
    const [known] = (await signed()).filter((one) => one.known === hash);
    expect(known?.state).to.equal("freed");
    expect(empty?.transaction).to.include({ nonce: transaction.nonce, to: transaction.from, value: 0n });
    expect(await world.stack.provider.getTransactionReceipt(hash)).to.equal(null);
  });

  it("send again what a node dropped", async () => {
    const id = await pay();
    await world.sent();
    const [{ hash }] = await signedFor(id);
    await world.rpc("anvil_dropTransaction", [hash]);
    await eventually(
      () => world.stack.provider.getTransaction(hash),
      (found) => found !== null,
      5_000,
    );
    await world.mine();
    expect(await settles(id)).to.equal(hash);
  });

  it("send nothing without ether, and say so, while another lane pays", async () => {
    const [poor, rich] = LANES;
    if (poor === undefined || rich === undefined) throw new Error("no lanes");
    const { stack } = world;
    const balance = await stack.provider.getBalance(poor.address);
    await world.rpc("anvil_setBalance", [poor.address, "0x0"]);
    await eventually(
      () => world.metric(`corridor_lane_balance_ether{lane="${poor.address}"}`),
      (value) => value === 0,
      GAUGE_LIMIT_MS,
    );
    const nonce = await stack.provider.getTransactionCount(poor.address);
    const said = eventually(
      () => heldUp("balance", poor),
      (value) => value === 1,
      GAUGE_LIMIT_MS,
    );
    const ids: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      ids.push(await pay(), await pay(), await pay());
      await world.mineUntilDecided();
    }
    for (const id of ids) {
      const [{ transaction }] = await signedFor(id);
      expect(transaction.from).to.equal(rich.address);
    }
    expect(await heldUp("balance", rich)).to.equal(0);
    // It may have had no turn so far.
    const trying = (async () => {
      for (const end = Date.now() + GAUGE_LIMIT_MS; Date.now() < end && (await heldUp("balance", poor)) === 0;) {
        await pay();
        await world.mineUntilDecided();
      }
    })();
    await said;
    await trying;
    expect(await stack.provider.getTransactionCount(poor.address)).to.equal(nonce);
    await world.rpc("anvil_setBalance", [poor.address, `0x${balance.toString(16)}`]);
  });

  it("find that somebody else used their nonces, and sign anew under others", async () => {
    // More of them than a payment has attempts.
    for (const lane of LANES) await useNonces(lane, 5);
    const id = await pay();
    await world.mineUntilDecided();
    await settles(id);
    const lost = (await signed()).filter(({ state }) => state === "lost");
    expect(lost).to.not.have.length(0);
    const [{ transaction, state }] = await signedFor(id);
    expect(state).to.equal("mined");
    for (const { transaction: other, hash } of lost) {
      expect(await world.stack.provider.getTransactionReceipt(hash)).to.equal(null);
      if (other.from === transaction.from) expect(transaction.nonce).to.be.greaterThan(other.nonce);
    }
  });

  it("fill gaps in their nonces", async () => {
    const before = new Set((await signed()).map(({ hash }) => hash));
    // As if the transactions had been signed and lost with a database.
    for (const { address } of LANES) {
      const nonce = await world.stack.provider.getTransactionCount(address);
      await world.database.query("UPDATE lanes SET next_nonce = $2 WHERE address = $1", [address, nonce + 2]);
    }
    const id = await pay();
    await settles(id);
    const [{ transaction }] = await signedFor(id);
    const fillers = (await signed()).filter((one) => !before.has(one.hash) && one.transaction.data === "0x");
    expect(fillers.map((one) => one.transaction.nonce)).to.deep.equal([transaction.nonce - 2, transaction.nonce - 1]);
    expect(fillers.every(({ state }) => state === "mined")).to.equal(true);
  });
});
