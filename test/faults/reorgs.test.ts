import { expect } from "chai";

import { readBooks } from "../../scripts/local/books.ts";
import { type EventView, foldPayments } from "../../sdk/webhooks.ts";
import { Shop } from "../journeys/shop.ts";
import { eventually, type Receiver, startReceiver } from "../relayer/receiver.ts";
import { ANVIL, type HandMined, startHandMined } from "./hand-mined.ts";
import { consult } from "./oracle.ts";

const FINALITY = 3;
const DEPTHS = [1, 2, 3, 4, 5];
const BEYOND_FINALITY = "corridor_reorgs_beyond_finality_total";

/** What a client can do with its newest blocks. */
interface Client {
  readonly name: string;
  readonly script?: string;
  /** Whether blocks lose all that they carried where an odd number of them goes, or else where an even one does. */
  readonly losesAllAtOdd: boolean;
  /** To be called before the blocks that are to go. @returns what has others in their place, with these bytes in one. */
  prepare(world: HandMined): Promise<(depth: number, raw: readonly string[]) => Promise<void>>;
}

const CLIENTS: readonly Client[] = [
  {
    name: "Anvil",
    script: ANVIL,
    losesAllAtOdd: true,
    prepare: ({ rpc }) =>
      Promise.resolve(async (depth, raw) => {
        await rpc("anvil_reorg", [depth, raw.map((bytes) => [bytes, depth - 1])]);
      }),
  },
  {
    name: "Hardhat",
    losesAllAtOdd: false,
    async prepare({ rpc }) {
      const snapshot = await rpc("evm_snapshot");
      return async (depth, raw) => {
        await rpc("evm_revert", [snapshot]);
        for (const bytes of raw) await rpc("eth_sendRawTransaction", [bytes]);
        // At once, so that nobody sends anything in between.
        await rpc("hardhat_mine", [`0x${depth.toString(16)}`]);
      };
    },
  },
];

interface Row {
  readonly id: string;
  readonly state: string;
  readonly hash: string;
}

interface Carried {
  readonly hash: string;
  readonly lane: string;
  readonly raw: string;
}

for (const client of CLIENTS) {
  describe(`a reorganisation of ${client.name}'s chain`, () => {
    let world: HandMined;
    let receiver: Receiver;
    /** All payments so far. */
    const all = new Set<string>();

    before(async () => {
      const settings = { CORRIDOR_FINALITY_DEPTH: String(FINALITY), CORRIDOR_RESEND_MS: "300" };
      world = await startHandMined(settings, client.script);
      // Events are kept for those who want them.
      receiver = await startReceiver();
      await world.shop.client.webhooks.create({ url: receiver.url });
    });

    after(async () => {
      await world.stop();
      await receiver.close();
    });

    async function rows(ids: readonly string[]): Promise<Row[]> {
      const query = "SELECT id, state, settled_hash AS hash FROM payments WHERE id = ANY($1) ORDER BY id";
      return (await world.database.query<Row>(query, [ids])).rows;
    }

    async function events(since: string): Promise<EventView[]> {
      const found: EventView[] = [];
      for (let cursor = since; ;) {
        const page = await world.shop.client.webhooks.events({ cursor, limit: "100" });
        found.push(...page.events);
        cursor = page.next;
        if (!page.more) return found;
      }
    }

    async function openHold(): Promise<string> {
      const payment = await world.shop.compose(await world.shop.terms(Shop.withoutArbiter));
      const { id } = await world.shop.client.submitPayment(payment, await world.shop.sign(payment));
      return id;
    }

    /** What was accepted settles in one block. */
    async function settleInOneBlock(): Promise<void> {
      await world.sent();
      await world.mine();
      await world.decided();
    }

    function payments(found: readonly EventView[], type: string): string[] {
      return [...new Set(found.flatMap((event) => (event.type === type ? [event.paymentId ?? ""] : [])))].sort();
    }

    for (const depth of DEPTHS) {
      const losesAll = (depth % 2 === 1) === client.losesAllAtOdd;
      const fate = losesAll
        ? "loses all that they carried"
        : "has one lane's transactions in another block, and not the others";
      it(`of ${depth} blocks ${fate}; each payment settles once`, async () => {
        const { shop, owner, mine, metric, stack, database } = world;
        const opened = await openHold();
        await settleInOneBlock();
        await mine(FINALITY);
        await eventually(
          () => rows([opened]),
          ([row]) => row?.state === "final",
        );
        const reorganise = await client.prepare(world);
        const height = await stack.provider.getBlockNumber();
        const deepBefore = await metric(BEYOND_FINALITY);
        const since = (await events("0")).at(-1)?.sequence ?? "0";

        const ids: string[] = [];
        const acts: string[] = [];
        let withdrawal = "";
        let hold = "";
        for (let block = 0; block < depth; block += 1) {
          ids.push(await world.pay(), await world.pay());
          if (block === 0) {
            acts.push((await shop.capture(opened, 400_000n)).id);
            hold = await openHold();
            ids.push(hold);
          }
          if (block === 1) acts.push((await shop.capture(hold, 300_000n)).id);
          if (block === depth - 1) withdrawal = (await owner.submit("withdrawal", await owner.withdrawal())).id;
          await settleInOneBlock();
        }
        for (const id of [opened, ...ids]) all.add(id);
        expect(await stack.provider.getBlockNumber()).to.equal(height + depth);
        const first = await rows(ids);
        expect(first.every(({ state }) => state === "settled" || state === "final")).to.equal(true);
        expect(first.some(({ state }) => state === "final")).to.equal(depth > FINALITY);
        const { rows: carried } = await database.query<Carried>(
          "SELECT hash, lane, raw FROM transactions WHERE block_number > $1 ORDER BY nonce",
          [height],
        );
        const kept = losesAll ? [] : carried.filter(({ lane }) => lane === carried.at(-1)?.lane);
        await reorganise(
          depth,
          kept.map(({ raw }) => raw),
        );
        for (const one of carried) {
          const receipt = await stack.provider.getTransactionReceipt(one.hash);
          expect(receipt !== null, one.hash).to.equal(kept.includes(one));
        }

        // Whatever was settled, or final, is known not to be: it was submitted, and may be again.
        const told = await eventually(
          () => events(since),
          (found) => payments(found, "payment.reorged").length === ids.length,
          15_000,
        );
        expect(payments(told, "payment.reorged")).to.deep.equal([...ids].sort());
        for (const { type, data } of told) if (type === "payment.reorged") expect(data.state).to.equal("accepted");
        const isKept = ({ hash }: Row): boolean => kept.some((one) => one.hash === hash);
        const gone = await rows(first.filter((row) => !isKept(row)).map(({ id }) => id));
        if (losesAll) expect(gone).to.have.length(ids.length);
        expect(gone.map(({ state }) => state)).to.deep.equal(gone.map(() => "submitted"));

        await world.mineUntilDecided();
        await mine(FINALITY);
        const last = await eventually(
          () => rows(ids),
          (found) => found.every(({ state }) => state === "final"),
        );
        // The same bytes were sent again: each payment is in the transaction that it was in.
        expect(last.map(({ id, hash }) => ({ id, hash }))).to.deep.equal(first.map(({ id, hash }) => ({ id, hash })));
        const bids = await database.query("SELECT 1 FROM bids");
        expect(bids.rowCount).to.equal(0);
        expect((await metric(BEYOND_FINALITY)) - deepBefore).to.equal(depth > FINALITY ? 1 : 0);
        for (const act of acts) expect((await shop.client.actDecided(act)).state).to.be.oneOf(["settled", "final"]);
        expect((await shop.client.instructionDecided(withdrawal)).state).to.be.oneOf(["settled", "final"]);
        expect((await shop.client.payment(opened)).hold?.captured).to.equal("400000");
        expect((await shop.client.payment(hold)).hold?.captured).to.equal(depth > 1 ? "300000" : "0");

        expect(await consult(stack, all, [...all])).to.deep.equal([]);
        const books = await readBooks(stack);
        expect(books.imbalances).to.deep.equal([]);
        expect([...books.settled].sort()).to.deep.equal([...all].sort());
        const folded = foldPayments(await events("0"));
        expect([...folded.keys()].sort()).to.deep.equal([...all].sort());
        for (const [id, { state, code, transactionHash, blockNumber, settledAt }] of folded) {
          const view = await shop.client.payment(id);
          expect(view, id).to.include({ state, code, transactionHash, blockNumber, settledAt });
        }
      });
    }
  });
}
