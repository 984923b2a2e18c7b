import { readFileSync } from "node:fs";

import { expect } from "chai";
import { parse } from "csv-parse/sync";
import { formatUnits, hexlify, randomBytes, Wallet } from "ethers";
import pg from "pg";
import { validateXML } from "xmllint-wasm";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView } from "../../sdk/client.ts";
import { type LedgerInstructionKind, type LedgerMessages, signInstruction } from "../../sdk/instructions.ts";
import { plainDecimal } from "../../sdk/statement/iso-amount.ts";
import { RunningBalance } from "../../sdk/statement/running-balance.ts";
import type { Statement, StatementEntry } from "../../sdk/statement/statement.ts";
import { uetrOf } from "../../sdk/statement/uetr.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { outcomeOf } from "./account-owner.ts";
import { FxCustomer } from "./fx-customer.ts";
import { startTestStack } from "./local-stack.ts";
import { unbalancedAccounts } from "./movement-sums.ts";
import { Shop } from "./shop.ts";
import { fund, TestMaker } from "./test-maker.ts";

const UNITS = 1_000_000n; // of six decimals
const NAME = 'Lisbon <Ceramics> & "Söhne" 里斯本';

describe("an account's statement, through HTTP and a chain", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let maker: TestMaker;
  let shop: Shop;
  let owner: CorridorClient;
  let euros: FxCustomer;
  let [from, middle, to] = [0, 0, 0];
  let plain: PaymentView;
  let hold: PaymentView;
  let exchanged: PaymentView;

  const merchant = () => shop.merchant.address;
  const ledger = () => Ledger__factory.connect(stack.deployment.ledger, stack.provider);
  const request = () => ({ token: shop.token, from, to });

  before(async () => {
    maker = await TestMaker.listen();
    ({ stack, stop } = await startTestStack({ CORRIDOR_MAKERS: maker.url, CORRIDOR_BATCH_AGE_MS: "50" }));
    shop = await Shop.open(stack, 10n ** 12n);
    await maker.open(stack, 10n ** 15n);
    const { dollar, euro } = stack.deployment;
    maker.setRate(euro, dollar, 92_600n, 100_000n);
    euros = await FxCustomer.open(stack, euro, 1_000n * UNITS);
    const key = await shop.client.createKey({
      name: "books",
      merchant: merchant(),
      scopes: ["reports:read", "requests:write"],
    });
    owner = new CorridorClient(stack.relayerUrl, { apiKey: key.key });
    await owner.setMerchantProfile({ merchant: merchant(), name: NAME, country: "TW" });
    for (const [nonce, lane] of [localKey(18).address, localKey(19).address].entries()) {
      const terms = { payee: merchant(), operator: lane, token: dollar, feeBps: 30, flatFee: 0n };
      await instruct("agreement", { ...terms, nonce: BigInt(nonce), deadline: await deadlineIn(stack, 600n) });
    }
    await fund(stack, dollar, merchant(), 100n * UNITS);
    await act();
  });

  after(async () => {
    await stop();
    await maker.stop();
  });

  async function instruct<K extends LedgerInstructionKind>(kind: K, message: LedgerMessages[K]): Promise<void> {
    const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
    const { id } = await shop.client.submitInstruction(
      kind,
      message,
      await signInstruction(shop.merchant, domain, kind, message),
    );
    expect((await shop.client.instructionDecided(id)).state).to.be.oneOf(["settled", "final"]);
  }

  /** A moment between two blocks: the second after the newest one's. */
  async function now(): Promise<number> {
    const at = Number((await stack.provider.getBlock("latest"))?.timestamp) + 1;
    await stack.provider.send("evm_setNextBlockTimestamp", [at + 1]).catch(() => undefined);
    await stack.provider.send("evm_mine", []);
    return at;
  }

  /** Everything that the statement is of. */
  async function act(): Promise<void> {
    from = await now();
    const { dollar, escrow } = stack.deployment;
    plain = await pay(12_345_679n);
    await pay(7_000_001n);
    await fund(stack, dollar, merchant(), 5n * UNITS);
    hold = await shop.hold(await shop.terms(), 3n * UNITS);
    await shop.done(shop.capture(hold.id, 2n * UNITS));
    const common = async (nonce: bigint) => ({
      owner: merchant(),
      nonce,
      token: dollar,
      deadline: await deadlineIn(stack, 600n),
    });
    await instruct("approval", { ...(await common(2n)), spender: escrow, amount: 10n * UNITS });
    await shop.done(shop.refund(hold.id, UNITS / 2n));
    await shop.done(shop.void(hold.id, 2n * UNITS));
    middle = await now();
    const quoted = await euros.quote(dollar, 20n * UNITS);
    exchanged = await euros.pay(await euros.compose(quoted, merchant()));
    await instruct("withdrawal", {
      ...(await common(3n)),
      to: shop.carrier.address,
      amount: 4n * UNITS,
      maxFee: 20_000n,
    });
    to = await now();
    await stack.provider.send("hardhat_mine", ["0x4"]);
  }

  async function pay(amount: bigint): Promise<PaymentView> {
    shop.nonce += 1n;
    const payment = {
      ...{ payer: shop.customer.address, payee: merchant(), token: shop.token, amount, nonce: shop.nonce },
      ...{ deadline: await deadlineIn(stack, 600n), memo: hexlify(randomBytes(32)) },
    };
    const domain = { chainId: LOCAL_CHAIN_ID, ledger: stack.deployment.ledger };
    const { id } = await shop.client.submitPayment(payment, await signPayment(shop.customer, domain, payment));
    return shop.client.decided(id);
  }

  /** Once nothing of it changes any more. */
  async function finalStatement(
    client = owner,
    asked: Parameters<CorridorClient["statement"]>[0] = request(),
  ): Promise<Statement> {
    for (const end = Date.now() + 30_000; ;) {
      const statement = await client.statement(asked, { limit: 1_000 });
      if (statement.state === "final") return statement;
      if (Date.now() > end) throw new Error(`the statement is ${statement.state}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** The account as the contract had it at the end of the last block before a moment. */
  async function balanceAt(account: string, moment: number, token = shop.token): Promise<string> {
    let block = await stack.provider.getBlock("latest");
    while (block !== null && block.timestamp >= moment) block = await stack.provider.getBlock(block.number - 1);
    return (await ledger().accountOf(account, token, { blockTag: block?.number ?? 0 })).balance.toString();
  }

  function add({ opening, closing, entries }: Statement): void {
    const running = new RunningBalance(BigInt(opening));
    for (const entry of entries) expect(running.add(entry).balance).to.equal(entry.balance);
    running.close(BigInt(closing));
  }

  const find = ({ entries }: Statement, kind: string): StatementEntry =>
    entries.find((entry) => entry.kind === kind) ?? expect.fail(`there is no ${kind}`);

  it("has the chain's balances at both ends, and every entry between them", async () => {
    const statement = await finalStatement();
    expect(statement.opening)
      .to.equal(await balanceAt(merchant(), from))
      .and.to.equal(String(100n * UNITS));
    expect(statement.closing).to.equal(await balanceAt(merchant(), to));
    add(statement);
    const kinds = statement.entries.map(({ kind }) => kind);
    expect(kinds).to.deep.equal([
      ...["payment", "payment", "deposit", "hold_captured", "hold_refunded", "exchange", "withdrawal", "fee"],
    ]);
    const fee = (12_345_679n * 30n) / 10_000n;
    expect(statement.entries[0]).to.deep.include({
      ...{ amount: String(12_345_679n - fee), fee: String(fee), paymentId: plain.id, memo: plain.memo },
      ...{
        counterparty: shop.customer.address,
        blockNumber: plain.blockNumber,
        transactionHash: plain.transactionHash,
      },
      ...{ at: Number(plain.settledAt), exchange: null },
    });
    const deployer = await stack.deployer.getAddress();
    expect(find(statement, "deposit")).to.include({
      amount: String(5n * UNITS),
      counterparty: deployer,
      paymentId: null,
    });
    const memo = hold.terms?.memo;
    const captured = { paymentId: hold.id, counterparty: shop.customer.address, memo };
    expect(find(statement, "hold_captured")).to.include({ ...captured, amount: "1994000", fee: "6000" });
    expect(find(statement, "hold_refunded")).to.include({ ...captured, amount: "-500000" });
    const { exchange, ...sale } = find(statement, "exchange");
    expect(sale).to.include({
      amount: "19940000",
      fee: "60000",
      counterparty: euros.wallet.address,
      paymentId: exchanged.id,
    });
    expect(exchange).to.deep.include({ paid: "18520000", settled: "20000000", quote: exchanged.exchange?.quote });
    expect(find(statement, "withdrawal")).to.include({ amount: "-3990000", counterparty: shop.carrier.address });
    expect(find(statement, "fee")).to.include({ amount: "-10000", paymentId: null });
  });

  it("goes on from period to period, by pages, and for every other account", async () => {
    const whole = await finalStatement();
    const [first, second] = [
      await finalStatement(owner, { ...request(), to: middle }),
      await finalStatement(owner, { ...request(), from: middle }),
    ];
    expect([first.opening, first.closing, second.closing]).to.deep.equal([
      whole.opening,
      second.opening,
      whole.closing,
    ]);
    expect([...first.entries, ...second.entries]).to.deep.equal(whole.entries);
    const paged: StatementEntry[] = [];
    let page = await owner.statement(request(), { limit: 3 });
    for (; page.next !== null; page = await owner.statement(request(), { limit: 3, cursor: page.next }))
      paged.push(...page.entries);
    expect([...paged, ...page.entries]).to.deep.equal(whole.entries);
    const { dollar, euro, escrow, exchange } = stack.deployment;
    const others = [
      [shop.customer.address, dollar],
      [escrow, dollar],
      [exchange, euro],
      [euros.wallet.address, euro],
    ] as const;
    for (const [account, token] of [
      ...others,
      [localKey(18).address, dollar],
      [maker.wallet.address, dollar],
    ] as const) {
      const statement = await finalStatement(shop.client, { account, token, from, to });
      add(statement);
      expect([statement.opening, statement.closing]).to.deep.equal([
        await balanceAt(account, from, token),
        await balanceAt(account, to, token),
      ]);
    }
    const payer = await finalStatement(shop.client, { ...request(), account: shop.customer.address });
    expect(find(payer, "hold_opened")).to.include({
      amount: "-3000000",
      counterparty: merchant(),
      memo: hold.terms?.memo,
    });
    expect(payer.entries.map(({ kind }) => kind)).to.deep.equal([
      ...["payment", "payment", "hold_opened", "hold_refunded", "hold_voided"],
    ]);
    expect(await unbalancedAccounts(stack)).to.deep.equal([]);
  });

  it("comes as CSV, PDF and camt.053, which is valid, exact or rounded as it is told to", async () => {
    const { entries, closing } = await finalStatement();
    const rows: Record<string, string>[] = parse(
      await (await owner.statementFile({ ...request(), format: "csv" })).text(),
      { columns: true, bom: true },
    );
    expect(rows.slice(1, -1).map(({ transaction }) => transaction)).to.deep.equal(
      entries.map(({ transactionHash }) => transactionHash),
    );
    expect(rows.at(-1)?.balance).to.equal(plainDecimal(BigInt(closing), 6));
    for (const language of ["en", "zh-CN", "zh-TW", undefined]) {
      const asked = { ...request(), format: "pdf" as const, ...(language === undefined ? {} : { language }) };
      const pdf = Buffer.from(await (await owner.statementFile(asked)).arrayBuffer()).toString("latin1");
      expect(pdf.startsWith("%PDF-1.") && pdf.trimEnd().endsWith("%%EOF")).to.equal(true);
      expect(pdf).to.contain(`/Lang (${language ?? "zh-TW"})`);
    }
    expect(await outcomeOf(owner.statementFile({ ...request(), format: "camt.053" }))).to.equal("422 amount_too_long");
    const camt = await (await owner.statementFile({ ...request(), format: "camt.053", rounding: "currency" })).text();
    expect(await complaints("camt.053.001.08", camt)).to.deep.equal([]);
    expect(camt.match(/<Ntry>/g)).to.have.length(entries.length);
    expect(camt).to.contain("Lisbon &lt;Ceramics&gt; &amp; &quot;Söhne&quot; 里斯本").and.to.contain(uetrOf(plain.id));
  });

  it("tells of a payment by pacs.008, pacs.002 and camt.054, once there is something final", async () => {
    for (const { id } of [plain, hold, exchanged]) {
      const messages = [
        ["pacs.008", "pacs.008.001.08"],
        ["pacs.002", "pacs.002.001.10"],
        ["camt.054", "camt.054.001.08"],
      ] as const;
      for (const [message, schema] of messages) {
        const xml = await new CorridorClient(stack.relayerUrl).paymentMessage(id, message, "currency");
        expect(await complaints(schema, xml), `${message} ${id}`).to.deep.equal([]);
        expect(xml).to.contain(uetrOf(id));
      }
    }
    const advice = await shop.client.paymentMessage(hold.id, "camt.054");
    expect(advice.match(/<Amt Ccy="USD">[\d.]+<\/Amt><CdtDbtInd>[A-Z]+<\/CdtDbtInd><Sts>/g)).to.deep.equal([
      '<Amt Ccy="USD">1.994</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>',
      '<Amt Ccy="USD">0.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>',
    ]);
    expect(await shop.client.paymentMessage(plain.id, "pacs.002")).to.contain("<TxSts>ACSC</TxSts>");
  });

  it("is hers alone, and refuses what cannot be stated", async () => {
    const stranger = new Wallet(hexlify(randomBytes(32))).address;
    const ask = (query: string, client = owner) =>
      outcomeOf(client.statement(Object.fromEntries(new URLSearchParams(query)) as never));
    const good = `token=${shop.token}&from=${from}&to=${to}`;
    expect(await ask(good)).to.equal("accepted");
    expect(await ask(`${good}&account=${stranger}`)).to.equal("403 forbidden");
    expect(await ask(good, new CorridorClient(stack.relayerUrl))).to.equal("401 unauthorized");
    expect(await ask(good, shop.client)).to.equal("400 invalid_field");
    expect(await ask(`token=${stranger}&from=${from}&to=${to}`)).to.equal("422 unknown_token");
    for (const wrong of [
      "&offset=8",
      "&rounding=currency",
      "&language=en",
      "&limit=1001",
      "&cursor=1",
      "&more=1",
      "&format=xml",
    ]) {
      expect(await ask(good + wrong), wrong).to.equal("400 invalid_field");
    }
    for (const [start, end] of [
      [to, from],
      [from, from],
      ["2026-02-30", "2026-03-01"],
      ["2024-01-01", "2025-02-01"],
    ]) {
      expect(await ask(`token=${shop.token}&from=${start}&to=${end}`), `${start} ${end}`).to.equal("400 invalid_field");
    }
    const today = new Date(from * 1_000).toISOString().slice(0, 10);
    const open = { token: shop.token, from: today, to: new Date((to + 86_400) * 1_000).toISOString().slice(0, 10) };
    expect((await owner.statement(open)).state).to.equal("open");
    expect(await outcomeOf(owner.statementFile({ ...open, format: "camt.053" }))).to.equal("409 statement_open");
    expect(await outcomeOf(shop.client.paymentMessage(hexlify(randomBytes(32)), "pacs.008"))).to.equal("404 not_found");
  });

  it("is what her orders are held against, uploaded as a file", async () => {
    const { settleAmount } = exchanged.exchange ?? expect.fail("nothing was exchanged");
    const orders = [
      "Order number;Amount;Currency;Payment;Memo",
      `A-1;12,345679;${shop.token};${plain.id};`,
      `A-2;3,00;${shop.token};${hold.id};`,
      `A-3;${formatUnits(BigInt(settleAmount) - 1n, 6).replace(".", ",")};${shop.token};;${exchanged.exchange?.memo ?? ""}`,
      `=A-4;1,5;${shop.token};;${hexlify(randomBytes(32))}`,
    ].join("\r\n");
    const { decimal, lines, totals } = await owner.reconcile(orders, { from, to });
    expect(decimal).to.equal("comma");
    expect(
      lines.map(({ category, reason, order, received }) => [order?.number, category, reason, received]),
    ).to.deep.equal([
      ["A-1", "matched", null, "12345679"],
      ["A-2", "short", "returned", String(3n * UNITS - UNITS / 2n - UNITS)],
      ["A-3", "over", null, settleAmount],
      ["=A-4", "missing", "not_paid", "0"],
      [undefined, "unordered", null, "7000001"],
    ]);
    expect(totals).to.have.length(1);
    const file = await (await owner.reconciliationFile(orders, { from, to })).text();
    const rows = parse(file, { bom: true, columns: true }) as readonly Record<string, string>[];
    expect(rows.map((row) => row["order"])).to.include("'=A-4");

    const ask = (text: string, client = owner) => outcomeOf(client.reconcile(text, { from, to }));
    expect(await ask("Order;Amount\nA-1;1")).to.equal("422 invalid_orders");
    expect(await ask('Order,Amount,Currency,Memo\n"A-1,1')).to.equal("422 invalid_orders");
    expect(await ask(" ")).to.equal("422 invalid_orders");
    expect(await ask(`${orders}\n${"x".repeat(8 * 1_024 * 1_024)}`)).to.equal("413 body_too_large");
    expect(await ask(orders, new CorridorClient(stack.relayerUrl))).to.equal("401 unauthorized");
    expect(await ask(orders, shop.client)).to.equal("400 invalid_field");
  });

  it("is refused when the entries do not come to the contract's balance, or are not known", async () => {
    const database = new pg.Client({ connectionString: stack.environment.DATABASE_URL });
    await database.connect();
    try {
      await database.query("UPDATE movements SET credit = credit + 1 WHERE reference = $1 AND credited = $2", [
        plain.id,
        merchant(),
      ]);
      expect(await outcomeOf(owner.statement(request()))).to.equal("500 books_differ");
      await database.query("UPDATE movement_record SET since_at = $1", [from]);
      expect(await outcomeOf(owner.statement(request()))).to.equal("409 period_unknown");
    } finally {
      await database.end();
    }
  });
});

async function complaints(message: string, contents: string): Promise<string[]> {
  const schema = readFileSync(new URL(`../sdk/xsd/${message}.xsd`, import.meta.url), "utf8");
  const { errors } = await validateXML({ xml: [{ fileName: "message.xml", contents }], schema: [schema] });
  return errors.map(({ message: text }) => text);
}
