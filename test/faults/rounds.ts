import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Wallet } from "ethers";
import pg from "pg";

import { removeEmbeddedPostgres, startEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";
import {
  deadlineIn,
  fundPayers,
  inParallel,
  LOCAL_CHAIN_ID,
  type Merchant,
  openMerchants,
} from "../../scripts/local/market.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, ProblemError } from "../../sdk/client.ts";
import type { WebhookMessage } from "../../sdk/webhooks.ts";
import type { Payment } from "../../sdk/payment.ts";
import { paymentId, signPayment } from "../../sdk/typed-data.ts";
import { type Receiver, startReceiver, verified } from "../relayer/receiver.ts";
import { EDGES, type Instance, memoOf, startInstance, stirUp } from "./chaos.ts";
import { compareTold, consult, type Findings } from "./oracle.ts";
import { type Random, seeded } from "./random.ts";

/** A chain, a database, payers with money: what rounds are played on. */
export interface World {
  readonly stack: LocalStack;
  readonly payers: readonly Wallet[];
  readonly merchants: readonly Merchant[];
  nextNonce(payer: string, token: string): bigint;
  /** Where relayers tell of their payments. */
  readonly receiver: Receiver;
  readonly secret: string;
  /** Those that were verified. */
  readonly messages: WebhookMessage[];
  /** Kills PostgreSQL without ceremony and starts it again; undefined where it is not this test's to kill. */
  readonly killDatabase: (() => Promise<void>) | undefined;
  stop(): Promise<void>;
}

export interface Round {
  readonly seed: number;
  readonly instances: number;
  readonly payments: number;
  readonly kills: readonly string[];
  readonly seconds: number;
  readonly findings: Findings;
}

const PAYERS = 6;
const PAYMENTS = 40;
const POSTED_AT_ONCE = 6;
export const FINALITY_DEPTH = 6;
const SETTLE_LIMIT_MS = 90_000;

const SETTINGS = {
  ...{ CORRIDOR_BATCH_ROWS: "7", CORRIDOR_BATCH_AGE_MS: "20", CORRIDOR_LEASE_MS: "1000", CORRIDOR_STUCK_MS: "6000" },
  ...{ CORRIDOR_FINALITY_DEPTH: String(FINALITY_DEPTH), CORRIDOR_LOG_LEVEL: "warn" },
  CORRIDOR_WEBHOOK_RETRY_S: "1,1,2,2,4,4,8,8",
};

export async function openWorld(): Promise<World> {
  const dataFolder = await mkdtemp(join(tmpdir(), "corridor-faults-"));
  const databaseUrl = process.env.DATABASE_URL === "" ? undefined : process.env.DATABASE_URL;
  const stack = await startLocalStack({ chainPort: 0, port: 0, dataFolder, databaseUrl, environment: SETTINGS });
  const receiver = await startReceiver();
  // All payments' events, to the operator's endpoint: what relayers tell must come to what they record.
  const operator = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  const { secret } = await operator.webhooks.create({ url: receiver.url });
  // From now on relayers run behind nodes that fail.
  await stack.relayer().stop();
  const nonces = new Map<string, bigint>();
  const url = stack.environment.DATABASE_URL ?? "";
  return {
    stack,
    receiver,
    secret,
    messages: [],
    payers: await fundPayers(stack, PAYERS, 10n ** 15n),
    merchants: await openMerchants(stack),
    nextNonce(payer, token) {
      const account = `${payer}:${token}`;
      const nonce = nonces.get(account) ?? 0n;
      nonces.set(account, nonce + 1n);
      return nonce;
    },
    killDatabase: databaseUrl === undefined ? () => killPostgres(url, dataFolder) : undefined,
    async stop() {
      await receiver.close();
      await stack.stop();
      await removeEmbeddedPostgres(dataFolder);
    },
  };
}

async function killPostgres(url: string, dataFolder: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>(
    "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid",
  );
  const pid = rows[0]?.pid;
  if (pid === undefined) throw new Error("PostgreSQL does not tell its pid");
  process.kill(pid, "SIGKILL");
  await client.end().catch(() => undefined);
  const { port, pathname } = new URL(url);
  await startEmbeddedPostgres({ dataFolder, database: pathname.slice(1), port: Number(port) });
}

/** Payments through relayers that are killed and nodes that fail; then all is healed, and the chain is asked. */
export async function playRound(world: World, seed: number): Promise<Round> {
  const startedAt = Date.now();
  const random = seeded(seed);
  const count = random.pick([1, 2, 4]);
  const instances: Instance[] = [];
  for (let index = 0; index < count; index += 1) {
    instances.push(await startInstance(world.stack, random.of(`relayer ${index}`), random.pick([1, 1, 3]), SETTINGS));
  }
  const kills: string[] = [];
  const accepted = new Set<string>();
  const findings: string[] = [];
  try {
    await Promise.all(instances.map((instance) => instance.ensureUp()));
    const payments = await compose(world, seed, random.of("payments"));
    const proxies = instances.flatMap((instance) => [...instance.proxies]);
    const stirring = stirUp(proxies, random.of("faults"), FINALITY_DEPTH);
    const posting = random.of("posting");
    const killing = killSome(world, instances, random.of("kills"), kills);
    await inParallel(
      payments
        .slice(0, POSTED_AT_ONCE)
        .map((_, first) => payments.filter((__, index) => index % POSTED_AT_ONCE === first)),
      async (some) => {
        for (const payment of some) {
          const refusal = await post(instances, posting, payment);
          if (refusal === undefined) accepted.add(payment.id);
          else findings.push(`${payment.id} was refused: ${refusal}`);
        }
      },
    );
    await killing;
    await stirring.stop();
    await Promise.all(instances.map((instance) => instance.ensureUp()));
    await quiet(world.stack);
    told(world);
    const ids = payments.map(({ id }) => id);
    findings.push(...(await consult(world.stack, accepted, ids)));
    findings.push(...(await compareTold(world.stack, () => told(world), ids)));
    for (const crash of instances.flatMap((instance) => instance.crashes)) findings.push(`a relayer crashed: ${crash}`);
  } finally {
    for (const instance of instances) await instance.stop();
  }
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  return { seed, instances: count, payments: accepted.size, kills, seconds, findings };
}

/** What the endpoint was told, by messages that are signed as they should be. A signature is good for five minutes. */
function told({ receiver, secret, messages }: World): readonly WebhookMessage[] {
  for (const message of receiver.received.splice(0)) messages.push(verified(secret, message));
  return messages;
}

interface Signed {
  readonly id: string;
  readonly payment: Payment;
  readonly signature: string;
}

async function compose(world: World, seed: number, random: Random): Promise<Signed[]> {
  const deadline = await deadlineIn(world.stack, 24n * 3_600n);
  const domain = { chainId: LOCAL_CHAIN_ID, ledger: world.stack.deployment.ledger };
  const signed: Signed[] = [];
  for (let index = 0; index < PAYMENTS; index += 1) {
    const payer = random.pick(world.payers);
    const { wallet, token } = random.pick(world.merchants);
    const payment: Payment = {
      ...{ payer: payer.address, payee: wallet.address, token, amount: BigInt(1_000 + random.below(1_000_000)) },
      ...{ nonce: world.nextNonce(payer.address, token), deadline, memo: memoOf(seed, index) },
    };
    const signature = await signPayment(payer, domain, payment);
    signed.push({ id: paymentId(domain, payment), payment, signature });
  }
  return signed;
}

/** Hands a payment to one relayer after another until one says that it has it. @returns a refusal's code, if it is one. */
async function post(instances: readonly Instance[], random: Random, signed: Signed): Promise<string | undefined> {
  for (const end = Date.now() + SETTLE_LIMIT_MS; ;) {
    try {
      await new CorridorClient(random.pick(instances).url).submitPayment(signed.payment, signed.signature);
      return undefined;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status < 500) return error.problem.code;
      if (Date.now() > end) {
        const crashes = instances.flatMap((instance) => instance.crashes);
        throw new Error(`${signed.id} found no relayer; crashed: ${crashes.join("\n")}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 50 + random.below(150)));
    }
  }
}

async function killSome(world: World, instances: readonly Instance[], random: Random, kills: string[]): Promise<void> {
  const edges = [...EDGES, "webhook", ...(world.killDatabase === undefined ? [] : (["database"] as const))] as const;
  const times = 2 + random.below(3);
  for (let time = 0; time < times; time += 1) {
    const edge = random.pick(edges);
    const pause = random.below(1_200);
    kills.push(edge);
    if (edge === "database") await world.killDatabase?.();
    else if (edge === "webhook") await random.pick(instances).killWhenTold(world.receiver, pause);
    else await random.pick(instances).killAt(edge, pause);
  }
}

/** Resolves when nothing is under way any more. */
async function quiet(stack: LocalStack): Promise<void> {
  const client = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
  await client.connect();
  try {
    for (const end = Date.now() + SETTLE_LIMIT_MS; Date.now() < end;) {
      const { rows } = await client.query<{ live: string }>(
        `SELECT ((SELECT count(*) FROM payments WHERE state IN ('accepted', 'assigned', 'submitted'))
          + (SELECT count(*) FROM transactions WHERE state IN ('signed', 'broadcast')))::text AS live`,
      );
      if (rows[0]?.live === "0") return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await client.end();
  }
}
