import { dataLength } from "ethers";
import cliProgress from "cli-progress";
import { config as loadDotenv } from "dotenv";

import { formatAmount } from "../sdk/amounts.ts";
import { CorridorClient } from "../sdk/client.ts";
import { isDecided } from "../sdk/payment.ts";
import { Ledger__factory } from "../typechain-types/factories/contracts/Ledger__factory.ts";
import { type Books, readBooks } from "./local/books.ts";
import { type Corridor, payInCurrency, readCorridors } from "./local/corridors.ts";
import { recordDeployment } from "./local/deployment-record.ts";
import {
  composeOrders,
  inParallel,
  type Merchant,
  localMerchants,
  openMerchants,
  openPayers,
  type Payer,
  type SignedPayment,
  submitAll,
} from "./local/market.ts";
import { parseOptions, requireFreePort, type StartOptions, UsageError } from "./local/options.ts";
import { askForOrders, leaveOpen, sayProfiles } from "./local/requests.ts";
import { type LocalStack, startLocalStack } from "./local/stack.ts";

loadDotenv({ quiet: true });

const PAYERS = 40;
/** A longer signature is a passkey's. */
const KEY_AND_SIGNATURE = 128;
const RELAYER_RESTARTS = 5;

/** Set by Ctrl-C: what is under way ends as soon as it can. */
let interrupted = false;
/** The parts end because they were told to. */
let stopping = false;
let wakeMain: () => void = () => undefined;
const interruption = new Promise<undefined>((resolve) => {
  wakeMain = () => {
    resolve(undefined);
  };
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    interrupted = true;
    wakeMain();
  });
}

try {
  const options = parseOptions(process.argv.slice(2), process.env);
  const { status, result } = await main(options);
  process.exitCode = status;
  // The last line of standard output, whatever the shutdown had to say.
  if (options.json && result !== undefined) {
    await new Promise<unknown>((resolve) => process.stdout.write(`${JSON.stringify(result)}\n`, resolve));
  }
} catch (error) {
  process.stderr.write(
    `${error instanceof UsageError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
process.exit();

/** What `--json` prints. */
interface RunResult {
  readonly payments: number;
  readonly settled: number;
  readonly rejected: number;
  /** Paid in one currency and settled in another. */
  readonly exchanged: number;
  readonly transactions: number;
  readonly gasUsed: number;
  readonly gasPerPayment: number;
  readonly batches: number;
  readonly balanced: boolean;
  readonly seconds: number;
}

async function main(options: StartOptions): Promise<{ status: number; result?: RunResult }> {
  await requireFreePort(options.chainPort, "--chain-port", "CORRIDOR_CHAIN_PORT");
  await requireFreePort(options.port, "--port", "CORRIDOR_PORT");
  const say = (text: string): void => {
    // With --json nothing but the object may stand on standard output.
    (options.json ? process.stderr : process.stdout).write(`${text}\n`);
  };

  say("Starting a Hardhat chain, PostgreSQL and the relayer …");
  const stack = await startLocalStack({
    chainPort: options.chainPort,
    port: options.port,
    dataFolder: process.env.CORRIDOR_DATA_FOLDER ?? ".data",
    databaseUrl: process.env.DATABASE_URL === "" ? undefined : process.env.DATABASE_URL,
    hasMaker: true,
  });
  const crash = superviseRelayer(stack, say);
  try {
    const work = runMarket(stack, options, say);
    const result = await Promise.race([work, crash, interruption]);
    if (result === undefined) return { status: 130 };
    const status = result.settled === result.payments && result.balanced ? 0 : 1;
    if (options.once) return { status, result };
    const links = await leaveOpen(
      new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey }),
      stack,
      localMerchants(stack),
    );
    say(`\nDeployment: ${await recordDeployment(stack)}\nConsole: ${stack.relayerUrl}/\nTo be paid:`);
    for (const { what, id } of links) say(`  ${stack.relayerUrl}/pay/${id}  ${what}`);
    say(
      `\nLists, reports and payment requests need a key; the operator's sees all:\n` +
        `  curl -H "authorization: Bearer ${stack.operatorKey}" "${stack.relayerUrl}/v1/payments?limit=3"\n` +
        `Keys for merchants are made at ${stack.relayerUrl}/v1/keys; everything is described at ${stack.relayerUrl}/docs.\n` +
        `\nThe relayer is at ${stack.relayerUrl}, the chain at ${stack.chain.url}. Ctrl-C drains and stops everything.`,
    );
    await Promise.race([interruption, crash]);
    return { status, result };
  } finally {
    say("Stopping …");
    stopping = true;
    await stack.stop();
  }
}

/** Restarts the relayer if it dies; gives up (rejects) if it keeps dying, or the chain or the maker does. */
async function superviseRelayer(stack: LocalStack, say: (text: string) => void): Promise<never> {
  const died = [stack.chain, stack.maker].map(async (part) => {
    const code = await (part?.exited ?? new Promise<never>(() => undefined));
    if (stopping) return new Promise<never>(() => undefined);
    throw new Error(`The ${part?.name} ended with status ${code}; there is no going on without it.`);
  });
  const relayerDied = (async (): Promise<never> => {
    for (let restarts = 0; ; restarts += 1) {
      const code = await stack.relayer().exited;
      if (stopping) return new Promise<never>(() => undefined);
      if (restarts === RELAYER_RESTARTS) throw new Error(`The relayer ended with status ${code}, again and again.`);
      say(`The relayer ended with status ${code}; starting it again.`);
      await stack.restartRelayer();
    }
  })();
  return Promise.race([...died, relayerDied]);
}

/** @returns undefined if it was interrupted. */
async function runMarket(
  stack: LocalStack,
  options: StartOptions,
  say: (text: string) => void,
): Promise<RunResult | undefined> {
  const merchants = await openMerchants(stack);
  const payers = await openPayers(stack, Math.min(PAYERS, options.payments), 1_000_000_000_000n);
  const before = await balances(stack, merchants);
  say(`${payers.length} payers sign ${options.payments} payments to ${merchants.length} merchants, off chain.`);
  const { dollar, euro } = stack.deployment;
  const isExchanged = (payer: Payer, token: string): boolean => token === euro && payer.signFx !== undefined;
  const asking = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  await sayProfiles(asking);
  const composed = await composeOrders(stack, payers, merchants, options.payments, (payer, { token }) =>
    isExchanged(payer, token) ? dollar : token,
  );
  const orders = await askForOrders(asking, composed);
  const fxOrders = orders.filter(({ payer, payment }) => isExchanged(payer, payment.token));
  const payments: SignedPayment[] = [];
  for (const { payer, payment, request } of orders) {
    if (!isExchanged(payer, payment.token)) payments.push({ ...(await payer.sign(payment)), request });
  }

  const bar = new cliProgress.SingleBar({
    format: "{bar} {percentage}% | accepted {accepted}, settled {value} of {total}",
    stream: options.json ? process.stderr : process.stdout,
    hideCursor: true,
    clearOnComplete: false,
    noTTYOutput: false,
    barCompleteChar: "█",
    barIncompleteChar: "░",
  });
  bar.start(orders.length, 0, { accepted: 0 });
  const startedAt = performance.now();
  const client = new CorridorClient(stack.relayerUrl);
  let accepted = 0;
  let decided = 0;
  let rejected = 0;
  const show = (): void => {
    bar.update(decided, { accepted });
  };
  const onAccepted = (): void => {
    accepted += 1;
    show();
  };
  const ids: string[] = [];
  let refusals = 0;
  const [refused] = await Promise.all([
    submitAll(client, payments, onAccepted, () => interrupted),
    inParallel(fxOrders, async (order) => {
      const result = await payInCurrency(client, stack, order, dollar, () => interrupted);
      if ("refused" in result) {
        refusals += 1;
        return;
      }
      ids.push(result.id);
      onAccepted();
    }),
  ]);
  ids.push(...payments.flatMap(({ id }) => (refused.has(id) ? [] : [id])));
  let open = ids;
  while (open.length > 0 && !interrupted) {
    const left: typeof open = [];
    await inParallel(open, async (id) => {
      const view = await client.payment(id).catch(() => undefined);
      if (view === undefined || !isDecided(view.state)) {
        left.push(id);
        return;
      }
      decided += 1;
      if (view.state === "rejected" || view.state === "expired") rejected += 1;
      show();
    });
    open = left;
    if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  bar.stop();
  if (interrupted) return undefined;

  const books = await readBooks(stack);
  const settled = ids.filter((id) => books.settled.has(id)).length;
  const corridors = await readCorridors(stack);
  await report(stack, merchants, before, { books, corridors, payments }, say);
  for (const imbalance of books.imbalances) say(`  does not add up: ${imbalance}`);
  return {
    payments: orders.length,
    settled,
    rejected: rejected + refused.size + refusals,
    exchanged: corridors.reduce((sum, corridor) => sum + corridor.payments, 0),
    transactions: books.transactions,
    gasUsed: Number(books.gasUsed),
    gasPerPayment: settled === 0 ? 0 : Math.round(Number(books.gasUsed) / settled),
    batches: books.batches,
    balanced: books.imbalances.length === 0,
    seconds: Number(seconds.toFixed(3)),
  };
}

async function balances(stack: LocalStack, merchants: readonly Merchant[]): Promise<Map<string, bigint>> {
  const ledger = Ledger__factory.connect(stack.deployment.ledger, stack.provider);
  const found = new Map<string, bigint>();
  for (const { wallet, token } of merchants) {
    found.set(wallet.address, (await ledger.accountOf(wallet.address, token)).balance);
  }
  return found;
}

/** What the chain says of a run, and the payments that were not exchanged. */
interface Findings {
  readonly books: Books;
  readonly corridors: readonly Corridor[];
  readonly payments: readonly SignedPayment[];
}

async function report(
  stack: LocalStack,
  merchants: readonly Merchant[],
  before: ReadonlyMap<string, bigint>,
  { books, corridors, payments }: Findings,
  say: (text: string) => void,
): Promise<void> {
  const after = await balances(stack, merchants);
  const { dollar, euro, ledger, manager, escrow, gateway, exchange } = stack.deployment;
  const money = (amount: bigint | undefined, currency: string): string =>
    `${formatAmount(amount ?? 0n, 6)} ${currency}`;
  const line = (label: string, value: string): void => {
    say(`  ${label.padEnd(22)} ${value}`);
  };
  const count = (which: (payment: SignedPayment) => boolean): number =>
    payments.filter((payment) => books.settled.has(payment.id) && which(payment)).length;
  say("");
  line("payments settled", String(books.payments));
  line("  by a passkey", String(count(({ signature }) => dataLength(signature) > KEY_AND_SIGNATURE)));
  line("  out of tokens", String(count(({ funding }) => funding !== "account")));
  const currencies = new Map([
    [dollar, "USD"],
    [euro, "EUR"],
  ]);
  for (const { payToken, settleToken, payments: count, paid, settled, fee } of corridors) {
    const [pay = "?", settle = "?"] = [currencies.get(payToken), currencies.get(settleToken)];
    const rate = (Number(paid) / Number(settled)).toFixed(4);
    const amounts = `${money(paid, pay)} for ${money(settled, settle)}, at ${rate}, fee ${money(fee, settle)}`;
    line(`  ${pay} → ${settle}`, `${count}: ${amounts}`);
  }
  line("transactions", `${books.transactions} (${books.batches} batches)`);
  line("gas a payment", books.payments === 0 ? "-" : String(Math.round(Number(books.gasUsed) / books.payments)));
  line("fees", `${money(books.fees.get(dollar), "USD")}, ${money(books.fees.get(euro), "EUR")}`);
  for (const { name, wallet, currency } of merchants) {
    line(name, `${money(before.get(wallet.address), currency)} → ${money(after.get(wallet.address), currency)}`);
  }
  line("books", books.imbalances.length === 0 ? "balance: events, accounts and tokens agree" : "DO NOT BALANCE");
  line("Ledger", ledger);
  line("Escrow", escrow);
  line("Gateway", gateway);
  line("Exchange", exchange);
  line("AccessManager", manager);
  line("dollar, euro", `${dollar}, ${euro}`);
  line("relayer", stack.relayerUrl);
}
