import { hexlify, randomBytes } from "ethers";
import pg from "pg";

import { deadlineIn, LOCAL_CHAIN_ID, type Merchant, openMerchants } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { AccountOwner } from "../journeys/account-owner.ts";
import { startTestStack } from "../journeys/local-stack.ts";
import { Shop } from "../journeys/shop.ts";
import { eventually } from "../relayer/receiver.ts";

export const ANVIL = "scripts/local/anvil.ts";

/** A stack whose chain has a block only when it is told to. */
export interface HandMined {
  readonly stack: LocalStack;
  readonly shop: Shop;
  readonly owner: AccountOwner;
  readonly database: pg.Client;
  /** Asks the chain's node. */
  readonly rpc: (method: string, params?: readonly unknown[]) => Promise<unknown>;
  readonly mine: (blocks?: number) => Promise<void>;
  /** Hands a payment in. @returns its id. */
  pay(): Promise<string>;
  /** Resolves when all that was accepted is signed and was handed to the node. */
  sent(): Promise<void>;
  /** Resolves when no block is needed any more. */
  decided(): Promise<void>;
  /** Mines block after block until nothing is under way. */
  mineUntilDecided(): Promise<void>;
  /** The value of a metric, by its name and labels as they stand there; 0 if it is not there. */
  readonly metric: (series: string) => Promise<number>;
  stop(): Promise<void>;
}

const FUNDS = 10n ** 12n;
const AMOUNT = 1_000_000n;
const LIMIT_MS = 30_000;
const BLOCK_MS = 100;
const RIDERS = ["payments", "acts", "instructions"];

/** How many riders, and how many transactions, are in some states. */
function counting(riders: string, transactions: string): string {
  const counts = RIDERS.map((table) => `(SELECT count(*) FROM ${table} WHERE state IN (${riders}))`);
  return `SELECT (${counts.join(" + ")} + (SELECT count(*) FROM transactions WHERE state IN (${transactions})))::int AS n`;
}

const TO_BE_SENT = counting("'accepted', 'assigned'", "'signed'");
const UNDER_WAY = counting("'accepted', 'assigned', 'submitted'", "'signed', 'broadcast'");

export async function startHandMined(
  settings: Readonly<Record<string, string>>,
  chainScript?: string,
): Promise<HandMined> {
  const { stack, stop } = await startTestStack({ CORRIDOR_BATCH_AGE_MS: "0", ...settings }, chainScript);
  const merchants: readonly Merchant[] = await openMerchants(stack);
  const shop = await Shop.open(stack, FUNDS);
  const owner = await AccountOwner.open(stack, FUNDS);
  const database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  await database.connect();
  const rpc = (method: string, params: readonly unknown[] = []): Promise<unknown> =>
    stack.provider.send(method, [...params]) as Promise<unknown>;
  await rpc("evm_setIntervalMining", [0]);
  await rpc("evm_setAutomine", [false]);

  async function count(query: string): Promise<number> {
    return (await database.query<{ n: number }>(query)).rows[0]?.n ?? 0;
  }

  async function none(query: string): Promise<void> {
    await eventually(
      () => count(query),
      (n) => n === 0,
      LIMIT_MS,
    );
  }

  async function mine(blocks = 1): Promise<void> {
    for (let block = 0; block < blocks; block += 1) await rpc("evm_mine");
  }

  return {
    ...{ stack, shop, owner, database, rpc, mine },
    async pay() {
      const merchant = merchants.find(({ token }) => token === shop.token);
      shop.nonce += 1n;
      const payment = {
        ...{ payer: shop.customer.address, payee: merchant?.wallet.address ?? "", token: shop.token, amount: AMOUNT },
        ...{ nonce: shop.nonce, deadline: await deadlineIn(stack, 3_600n), memo: hexlify(randomBytes(32)) },
      };
      const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
      return (await shop.client.submitPayment(payment, await signPayment(shop.customer, domain, payment))).id;
    },
    sent: () => none(TO_BE_SENT),
    decided: () => none(UNDER_WAY),
    async mineUntilDecided() {
      for (const end = Date.now() + LIMIT_MS; (await count(UNDER_WAY)) > 0;) {
        if (Date.now() > end) throw new Error(`Still ${await count(UNDER_WAY)} under way after ${LIMIT_MS} ms`);
        await mine();
        await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
      }
    },
    async metric(series) {
      const text = await (await fetch(`${stack.relayerUrl}/metrics`)).text();
      const line = text.split("\n").find((one) => one.startsWith(`${series} `));
      return Number(line?.slice(series.length) ?? 0);
    },
    async stop() {
      await database.end();
      await stop();
    },
  };
}
