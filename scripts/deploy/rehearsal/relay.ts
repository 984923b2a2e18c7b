import { join } from "node:path";

import { hexlify, randomBytes, Wallet } from "ethers";

import { startEmbeddedPostgres } from "../../../relayer/store/postgres/embedded-postgres.ts";
import { CorridorClient } from "../../../sdk/client.ts";
import type { Deployment } from "../../../sdk/deployment.ts";
import type { Payment } from "../../../sdk/payment.ts";
import { paymentId, signPayment } from "../../../sdk/typed-data.ts";
import { Ledger__factory } from "../../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { inParallel } from "../../local/market.ts";
import { startPart } from "../../local/process.ts";
import { watchMempool } from "./mempool.ts";
import type { Stage } from "./stage.ts";

export interface RelayResult {
  readonly payments: number;
  /** By the chain's events. */
  readonly settled: number;
  /** Events beside the first of a payment; more than none is a double payment. */
  readonly twice: number;
  /** What the merchant has beside what she should have. {qTok} */
  readonly off: bigint;
  readonly seconds: number;
  readonly transactions: number;
  readonly gasPerPayment: number;
  readonly mostWaiting: number;
  readonly replaced: number;
}

const PAYERS = 60;
const AMOUNT = 1_250_000n;
const LIMIT_MS = 300_000;
const POLL_MS = 500;
/** Small batches, so that many transactions wait at once. */
const BATCH_ROWS = "10";

/** Runs the relayer on a deployment until it settled so many payments, or five minutes passed. */
export async function relayPayments(stage: Stage, deployment: Deployment, count: number): Promise<RelayResult> {
  const token = deployment.tokens[0]?.address;
  if (token === undefined) throw new Error("The deployment has no token");
  const lanes = [Wallet.createRandom(), Wallet.createRandom()];
  for (const { address } of lanes) await stage.fund(address, "5");
  const payers = Array.from({ length: PAYERS }, () => new Wallet(hexlify(randomBytes(32))));
  await fundPayers(stage, deployment, token, payers, AMOUNT * BigInt(Math.ceil(count / PAYERS)));

  const postgres = await startEmbeddedPostgres({ dataFolder: join(stage.folder, "data"), database: "corridor" });
  try {
    const relayer = await startPart("relayer", "relayer/main.ts", [], {
      ...settingsOf(deployment, stage.chain.url, token),
      CORRIDOR_LANE_KEYS: lanes.map(({ privateKey }) => privateKey).join(","),
      DATABASE_URL: postgres.url,
    });
    const laneAddresses = lanes.map(({ address }) => address);
    const mempool = watchMempool(stage.provider, laneAddresses);
    try {
      const merchant = Wallet.createRandom().address;
      const startedAt = performance.now();
      const ids = await submit(new CorridorClient(relayer.url), stage, deployment, payers, { merchant, token, count });
      const found = await untilSettled(stage, deployment, ids);
      const seconds = (performance.now() - startedAt) / 1_000;
      const seen = await mempool.stop();
      const ledger = Ledger__factory.connect(deployment.contracts.ledger, stage.provider);
      const { balance } = await ledger.accountOf(merchant, token);
      return {
        ...{ payments: count, settled: found.settled, twice: found.twice, seconds, transactions: found.hashes.size },
        ...{ off: balance - AMOUNT * BigInt(found.settled), mostWaiting: seen.mostWaiting, replaced: seen.replaced },
        gasPerPayment: Math.round((await gasOf(stage, found.hashes)) / Math.max(found.settled, 1)),
      };
    } finally {
      await mempool.stop();
      await relayer.stop();
    }
  } finally {
    await postgres.stop();
  }
}

function settingsOf(deployment: Deployment, rpcUrl: string, token: string): Record<string, string> {
  const { contracts } = deployment;
  return {
    ...{ CORRIDOR_RPC_URL: rpcUrl, CORRIDOR_LEDGER: contracts.ledger, CORRIDOR_ESCROW: contracts.escrow },
    ...{ CORRIDOR_GATEWAY: contracts.gateway, CORRIDOR_EXCHANGE: contracts.exchange },
    ...{ CORRIDOR_X402: contracts.x402 ?? "", CORRIDOR_TOKENS: token },
    ...{ CORRIDOR_START_BLOCK: String(deployment.startBlock), CORRIDOR_HOST: "127.0.0.1", CORRIDOR_PORT: "0" },
    CORRIDOR_FINALITY_DEPTH: String(deployment.finalityDepth),
    ...{ CORRIDOR_BATCH_ROWS: BATCH_ROWS, CORRIDOR_STUCK_MS: "3000", CORRIDOR_RESEND_MS: "2000" },
    ...{ CORRIDOR_RATE_LIMIT: "0", CORRIDOR_LOG_LEVEL: "warn" },
  };
}

async function fundPayers(
  { provider, deployer }: Stage,
  { contracts }: Deployment,
  token: string,
  payers: readonly Wallet[],
  each: bigint,
): Promise<void> {
  const signer = deployer.connect(provider);
  const coin = TestToken__factory.connect(token, signer);
  const ledger = Ledger__factory.connect(contracts.ledger, signer);
  const total = each * BigInt(payers.length);
  await (await coin.mint(deployer.address, total)).wait();
  await (await coin.approve(contracts.ledger, total)).wait();
  await (await ledger.deposit(token, deployer.address, total)).wait();
  await (
    await ledger.transferMany(
      token,
      payers.map(({ address }) => ({ receiver: address, amount: each })),
    )
  ).wait();
}

async function submit(
  client: CorridorClient,
  { provider, chainId }: Stage,
  { contracts }: Deployment,
  payers: readonly Wallet[],
  { merchant, token, count }: { readonly merchant: string; readonly token: string; readonly count: number },
): Promise<string[]> {
  const domain = { chainId: BigInt(chainId), ledger: contracts.ledger };
  const deadline = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0) + 86_400n;
  const orders = Array.from({ length: count }, (_, index) => index);
  const ids: string[] = [];
  await inParallel(orders, async (index) => {
    const payer = payers[index % payers.length];
    if (payer === undefined) throw new Error("No payer");
    const payment: Payment = {
      ...{ payer: payer.address, payee: merchant, token, amount: AMOUNT, deadline, memo: hexlify(randomBytes(32)) },
      nonce: BigInt(Math.floor(index / payers.length)),
    };
    await client.submitPayment(payment, await signPayment(payer, domain, payment));
    ids.push(paymentId(domain, payment));
  });
  return ids;
}

/** Asks the chain, which alone knows, until every payment has its event. */
async function untilSettled(
  { provider }: Stage,
  { contracts, startBlock }: Deployment,
  ids: readonly string[],
): Promise<{ settled: number; twice: number; hashes: Set<string> }> {
  const ledger = Ledger__factory.connect(contracts.ledger, provider);
  const wanted = new Set(ids);
  for (const end = Date.now() + LIMIT_MS; ;) {
    const events = (await ledger.queryFilter(ledger.filters.Settled(), startBlock)).filter(({ args }) =>
      wanted.has(args.id),
    );
    const settled = new Set(events.map(({ args }) => args.id)).size;
    if (settled === wanted.size || Date.now() > end) {
      return { settled, twice: events.length - settled, hashes: new Set(events.map((event) => event.transactionHash)) };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function gasOf({ provider }: Stage, hashes: ReadonlySet<string>): Promise<number> {
  let gas = 0n;
  for (const hash of hashes) gas += (await provider.getTransactionReceipt(hash))?.gasUsed ?? 0n;
  return Number(gas);
}
