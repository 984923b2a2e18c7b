import { randomBytes, randomUUID } from "node:crypto";

import { expect } from "chai";
import { hexlify, type Wallet } from "ethers";

import { EXAMPLE_RECORD } from "../../relayer/api/schemas/record-example.ts";
import { openRecords } from "../../relayer/records/open-record.ts";
import { type Database, inTransaction, openDatabase } from "../../relayer/store/database.ts";
import { retireTenantKey } from "../../relayer/store/key-rotation.ts";
import { findRecord } from "../../relayer/store/records.ts";
import { readMasterKeys } from "../../relayer/vault/master-keys.ts";
import { resealTenants, rewrapTenantKeys } from "../../relayer/vault/rotation.ts";
import { createVault } from "../../relayer/vault/vault.ts";
import { runKeyCommand } from "../../scripts/keys/commands.ts";
import { deadlineIn, fundPayers, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import type { LocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type PaymentView, ProblemError } from "../../sdk/client.ts";
import { DOCUMENT_ACCESS_TYPES } from "../../sdk/hold-typed-data.ts";
import { recordContracts } from "../../sdk/record/contracts.ts";
import { readPaymentRecord } from "../../sdk/record/payment-record.ts";
import { httpRpc } from "../../sdk/record/rpc.ts";
import { type CommittedRecord, createRecord, verifyRecord } from "../../sdk/remittance/commit-record.ts";
import { verifyDisclosure } from "../../sdk/remittance/disclosure.ts";
import { signRecordAccess } from "../../sdk/remittance/record-access.ts";
import type { RemittanceRecord } from "../../sdk/remittance/remittance-record.ts";
import { signPayment } from "../../sdk/typed-data.ts";
import { startTestStack } from "./local-stack.ts";
import { Shop } from "./shop.ts";

const newKey = (id: string): string => `${id}=${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [newKey("old"), newKey("new")];
const BOTH = readMasterKeys([NEW, OLD]);
/** What stands in the record of nobody's business. */
const SECRETS = ["Nakamura", "Yui", "中村", "Kawaramachi", "Olaria", "INV-2026-0117", "Osaka", "Dinner plate"];

async function code(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (error instanceof ProblemError) return `${error.problem.status} ${error.problem.code}`;
    throw error;
  }
}

describe("remittance records, from the invoice to its erasure", () => {
  let stack: LocalStack;
  let stop: () => Promise<void> = () => Promise.resolve();
  let database: Database;
  let operator: CorridorClient;
  let merchant: CorridorClient;
  let shop: Shop;
  let customer: Wallet;
  let made: CommittedRecord;
  let id = "";
  let payment: PaymentView;
  const domain = (): { chainId: bigint; ledger: string } => ({
    chainId: LOCAL_CHAIN_ID,
    ledger: stack.deployment.ledger,
  });

  before(async () => {
    ({ stack, stop } = await startTestStack({
      ...{ CORRIDOR_RECORD_KEYS: `${OLD},${NEW}`, CORRIDOR_BATCH_AGE_MS: "50" },
    }));
    database = openDatabase(stack.environment.DATABASE_URL ?? "", 4);
    operator = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
    shop = await Shop.open(stack, 100_000_000n);
    merchant = await clientOf(shop.merchant.address, ["records:read", "records:write", "requests:write"]);
    [customer] = (await fundPayers(stack, 1, 200_000_000n)) as [Wallet];
    made = createRecord(recordOf({ payer: { ...EXAMPLE_RECORD.payer, account: customer.address } }));
  });

  after(async () => {
    await database.end();
    await stop();
  });

  async function clientOf(address: string, scopes: readonly string[]): Promise<CorridorClient> {
    const { key } = await operator.createKey({ name: "test", merchant: address, scopes });
    return new CorridorClient(stack.relayerUrl, { apiKey: key });
  }

  function recordOf(changes: Partial<RemittanceRecord> = {}): RemittanceRecord {
    return { ...EXAMPLE_RECORD, payee: { ...EXAMPLE_RECORD.payee, account: shop.merchant.address }, ...changes };
  }

  /** A payment that settles. */
  async function pay(payer: Wallet, memo: string, amount: bigint, request?: string): Promise<PaymentView> {
    const { nextNonce } = await operator.account(payer.address, shop.token);
    const payment = {
      ...{ payer: payer.address, payee: shop.merchant.address, token: shop.token, amount, memo },
      ...{ nonce: BigInt(nextNonce), deadline: await deadlineIn(stack, 600n) },
    };
    const { id } = await operator.submitPayment(payment, await signPayment(payer, domain(), payment), request);
    return operator.decided(id);
  }

  async function ask(memo: string, reusable = false): Promise<string> {
    const request = {
      ...({ token: shop.token, amount: "125000000", memo, capture: "automatic", reusable } as const),
      expiresAt: (await deadlineIn(stack, 600n)).toString(),
    };
    return (await merchant.createPaymentRequest(request, randomUUID())).id;
  }

  async function accessOf(reader: Wallet, paymentId: string, memo: string, deadline?: bigint) {
    const until = deadline ?? (await deadlineIn(stack, 60n));
    const access = { id: paymentId, memo, reader: reader.address, deadline: until };
    const signature = await signRecordAccess(reader, domain(), access);
    return { reader: reader.address, deadline: until.toString(), signature };
  }

  /** The memo as the chain has it, which knows nothing of the relayer. */
  async function memoOnChain(paymentId: string): Promise<string> {
    const contracts = recordContracts(await operator.network());
    const record = await readPaymentRecord(httpRpc(stack.chain.url), contracts, paymentId, { fromBlock: 0 });
    expect(record).to.include({ outcome: "settled" });
    expect(record.signature).to.include({ status: "valid" });
    return record.settlement?.memo ?? "";
  }

  /** Every row of every table, as whoever copied the database has it. */
  async function dump(): Promise<Buffer> {
    const { rows } = await database.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    const tables = await Promise.all(
      rows.map(async ({ name }) => {
        const { rows: lines } = await database.query<{ line: string }>(
          `SELECT row_to_json(t)::text AS line FROM "${name}" t`,
        );
        return lines.map(({ line }) => line).join("\n");
      }),
    );
    return Buffer.from(tables.join("\n"));
  }

  async function found(secrets: readonly string[]): Promise<readonly string[]> {
    const text = (await dump()).toString("utf8").toLowerCase();
    const forms = (secret: string): readonly string[] => [
      ...[secret, Buffer.from(secret).toString("hex"), Buffer.from(secret).toString("base64").replace(/=+$/, "")],
      JSON.stringify(secret).slice(1, -1),
    ];
    return secrets.filter((secret) => forms(secret).some((form) => text.includes(form.toLowerCase())));
  }

  it("is asked for, kept, paid, and found by its memo", async () => {
    const request = await ask(made.memo);
    const stranger = createRecord(recordOf());
    const other = await ask(stranger.memo);
    const body = { record: made.record, salt: made.salt, request };
    expect(await code(merchant.records.store({ ...body, request: other }))).to.equal("422 record_mismatch");
    expect(await code(merchant.records.store({ ...body, request: randomUUID() }))).to.equal("422 record_mismatch");
    const kept = await merchant.records.store(body);
    id = kept.id;
    expect(kept).to.include({ memo: made.memo, merchant: shop.merchant.address, requestId: request, erasedAt: null });
    expect(await merchant.records.store(body)).to.deep.equal(kept);
    payment = await pay(customer, made.memo, 125_000_000n, request);
    expect(payment.state).to.be.oneOf(["settled", "final"]);
    const { records } = await merchant.records.list({ memo: made.memo, request });
    expect(records).to.deep.equal([kept]);
    const opened = await merchant.records.read(id);
    expect(opened.contents).to.deep.equal([{ version: 1, memo: made.memo, record: made.record, salt: made.salt }]);
  });

  it("refuses what is no record, and what is another merchant's", async () => {
    const { record, salt } = made;
    const broken = { ...record, totals: { ...record.totals, gross: "1" } };
    expect(await code(merchant.records.store({ record: broken, salt }))).to.equal("400 invalid_field");
    const elsewhere = recordOf({ payee: { ...record.payee, account: customer.address } });
    expect(await code(merchant.records.store({ record: elsewhere, salt }))).to.equal("400 invalid_field");
    const corrects = { memo: made.memo, reason: "price" };
    expect(await code(merchant.records.store({ record: { ...record, corrects }, salt }))).to.equal("400 invalid_field");
    const rival = await clientOf(shop.carrier.address, ["records:read", "records:write"]);
    for (const call of [
      () => rival.records.read(id),
      () => rival.records.erase(id),
      () => rival.records.audit(id),
      () => rival.records.correct(id, { record, salt }),
      () => rival.records.disclose(id, ["/goods"]),
    ]) {
      expect(await code(call())).to.equal("404 not_found");
    }
    expect((await rival.records.list()).records).to.deep.equal([]);
    expect((await rival.records.export()).records).to.deep.equal([]);
    expect(await code(rival.records.export({ merchant: shop.merchant.address }))).to.equal("403 forbidden");
    const reader = await clientOf(shop.merchant.address, ["records:read"]);
    expect(await code(reader.records.erase(id))).to.equal("403 forbidden");
    const till = await clientOf(shop.merchant.address, ["payments:read", "requests:write"]);
    expect(await code(till.records.read(id))).to.equal("403 forbidden");
    expect(await code(new CorridorClient(stack.relayerUrl).records.read(id))).to.equal("401 unauthorized");
  });

  it("shows a customs officer the goods and not the price, by the chain's memo", async () => {
    const pointers = ["description", "commodityCode", "originCountry", "quantity", "unit"].flatMap((name) =>
      made.record.goods.map((_, line) => `/goods/${line}/${name}`),
    );
    const disclosure = await merchant.records.disclose(id, pointers);
    const text = JSON.stringify(disclosure);
    for (const hidden of ["14.50", "87.00", "Nakamura", made.salt]) expect(text).to.not.contain(hidden);
    const memo = await memoOnChain(payment.id);
    const shown = verifyDisclosure(disclosure, memo);
    expect(shown?.fields.get("/goods/0/commodityCode")).to.equal("69120025");
    expect(shown?.hidden).to.include("/goods/0/unitPrice");
    const cheaper = { ...disclosure, fields: disclosure.fields.map((field) => ({ ...field, value: "1" })) };
    expect(verifyDisclosure(cheaper, memo)).to.equal(undefined);
    expect(await code(merchant.records.disclose(id, ["/goods/7/quantity"]))).to.equal("400 invalid_field");
    expect(await code(merchant.records.disclose(id, ["/goods"], 2))).to.equal("400 invalid_field");
  });

  it("is read by the payer of its payment and the payee, and not by who pays a trifle with its memo", async () => {
    const calls = new CorridorClient(stack.relayerUrl).records;
    const own = await calls.readOfPayment(payment.id, await accessOf(customer, payment.id, made.memo));
    expect(verifyRecord(own.contents[0]?.record, own.contents[0]?.salt ?? "", payment.memo)).to.equal(true);
    const byPayee = await calls.readOfPayment(payment.id, await accessOf(shop.merchant, payment.id, made.memo));
    expect(byPayee.id).to.equal(id);
    const [curious] = (await fundPayers(stack, 1, 1_000n)) as [Wallet];
    const trifle = await pay(curious, made.memo, 1n);
    expect(trifle.state).to.be.oneOf(["settled", "final"]);
    expect(await code(calls.readOfPayment(trifle.id, await accessOf(curious, trifle.id, made.memo)))).to.equal(
      "404 not_found",
    );
    expect(await code(calls.readOfPayment(payment.id, await accessOf(curious, payment.id, made.memo)))).to.equal(
      "403 not_party",
    );
    const stolen = { ...(await accessOf(customer, payment.id, made.memo)), reader: shop.merchant.address };
    expect(await code(calls.readOfPayment(payment.id, stolen))).to.equal("422 bad_signature");
    const past = await accessOf(customer, payment.id, made.memo, 1n);
    expect(await code(calls.readOfPayment(payment.id, past))).to.equal("422 expired");
    // A record that names nobody's account is for whoever paid its request, if one payment only can.
    const unnamed = { naturalPerson: EXAMPLE_RECORD.payer.naturalPerson };
    for (const [reusable, expected] of [
      [false, "ok"],
      [true, "404 not_found"],
    ] as const) {
      const record = createRecord(recordOf({ payer: unnamed }));
      const request = await ask(record.memo, reusable);
      await merchant.records.store({ record: record.record, salt: record.salt, request });
      const [payer] = (await fundPayers(stack, 1, 125_000_000n)) as [Wallet];
      const paid = await pay(payer, record.memo, 125_000_000n, request);
      const asked = calls.readOfPayment(paid.id, await accessOf(payer, paid.id, record.memo));
      expect(await code(asked), `reusable: ${reusable}`).to.equal(expected);
    }
  });

  it("is corrected by a version that names the one before; the chain's memo stays that of the first", async () => {
    const correct = (memo: string): CommittedRecord =>
      createRecord(
        recordOf({ note: "Kiln-dried", payer: made.record.payer, corrects: { memo, reason: "a wrong note" } }),
      );
    const wrong = correct(hexlify(randomBytes(32)));
    const body = ({ record, salt }: CommittedRecord) => ({ record, salt });
    expect(await code(merchant.records.correct(id, body(wrong)))).to.equal("409 record_superseded");
    const second = correct(made.memo);
    const corrected = await merchant.records.correct(id, body(second));
    expect(corrected.versions.map(({ memo }) => memo)).to.deep.equal([made.memo, second.memo]);
    expect(corrected.memo).to.equal(made.memo);
    expect(await merchant.records.correct(id, body(second))).to.deep.equal(corrected);
    const opened = await merchant.records.read(id);
    expect(opened.contents.map(({ record }) => record.note)).to.deep.equal([made.record.note, "Kiln-dried"]);
    expect(
      verifyDisclosure(await merchant.records.disclose(id, ["/note"], 2), second.memo)?.fields.get("/note"),
    ).to.equal("Kiln-dried");
    expect(
      verifyDisclosure(await merchant.records.disclose(id, ["/note"]), await memoOnChain(payment.id)),
    ).to.not.equal(undefined);
  });

  it("is exported with all others of a merchant, or with those about somebody", async () => {
    const all = await merchant.records.export({ limit: 2 });
    expect(all.records).to.have.length(2);
    const rest = await merchant.records.export({ cursor: all.next ?? "" });
    expect([...all.records, ...rest.records].map((record) => record.id)).to.include(id);
    const about = await merchant.records.export({ subject: "NAKAMURA" });
    expect(about.records).to.have.length(3);
    expect((await merchant.records.export({ subject: "Nobody" })).records).to.deep.equal([]);
    const mine = await merchant.records.export({ subject: customer.address });
    expect(mine.records.map((record) => record.id)).to.deep.equal([id]);
  });

  it("leaves nothing personal in the database that a thief could read", async () => {
    expect(await found(SECRETS)).to.deep.equal([]);
    expect(await found([made.salt.slice(2)])).to.deep.equal([]);
    // The search finds what is there.
    expect(await found([made.memo.slice(2), shop.merchant.address])).to.have.length(2);
  });

  it("refuses rows that were swapped, moved or changed", async () => {
    const other = createRecord(recordOf());
    const { id: otherId } = await merchant.records.store({ record: other.record, salt: other.salt });
    const rival = await clientOf(shop.carrier.address, ["records:read", "records:write"]);
    const theirs = createRecord(recordOf({ payee: { ...EXAMPLE_RECORD.payee, account: shop.carrier.address } }));
    const { id: rivalId } = await rival.records.store({ record: theirs.record, salt: theirs.salt });
    const swap = (columns: readonly string[], from: string, to: string) =>
      `UPDATE remittance_versions v SET ${columns.map((name) => `${name} = o.${name}`).join(", ")}
       FROM (SELECT * FROM remittance_versions WHERE ${from}) o WHERE ${to.replace(/(record_id|version) =/g, "v.$1 =")}`;
    const first = `record_id = '${id}' AND version = 1`;
    const second = `record_id = '${id}' AND version = 2`;
    const elsewhere = `record_id = '${otherId}' AND version = 1`;
    const foreign = `record_id = '${rivalId}' AND version = 1`;
    const unbound = "ALTER TABLE remittance_versions DROP CONSTRAINT remittance_versions_item_key_key";
    const attempts: readonly (readonly string[])[] = [
      [swap(["sealed"], elsewhere, first)],
      [unbound, swap(["sealed", "item_key"], elsewhere, first)],
      [unbound, swap(["sealed", "item_key"], second, first)],
      [unbound, swap(["sealed", "item_key"], foreign, first)],
      [
        swap(["sealed"], foreign, first),
        `UPDATE item_keys SET wrapped = (SELECT wrapped FROM item_keys i JOIN
         remittance_versions o ON o.item_key = i.id WHERE o.record_id = '${rivalId}') WHERE id =
         (SELECT item_key FROM remittance_versions WHERE ${first})`,
      ],
      [`UPDATE remittance_versions SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE ${first}`],
      [
        `UPDATE tenant_keys SET wrapped = (SELECT wrapped FROM tenant_keys WHERE merchant = '${shop.carrier.address}')
         WHERE merchant = '${shop.merchant.address}'`,
      ],
      [`UPDATE remittance_records SET merchant = '${customer.address}' WHERE id = '${id}'`],
    ];
    if (BOTH === undefined) throw new Error("no keys");
    const vault = createVault(BOTH);
    for (const statements of [[], ...attempts]) {
      // In a transaction that is taken back: what a thief with write access tries, and what comes of reading it.
      const outcome = await inTransaction(database, async (db) => {
        for (const statement of statements) expect((await db.query(statement)).rowCount, statement).to.not.equal(0);
        const row = await findRecord(db, null, id);
        const read = await openRecords(
          { database: db as unknown as Database, vault },
          row === undefined ? [] : [row],
        ).then(
          (opened) => `${opened.get(id)?.length} versions`,
          (error: unknown) => (error as { code?: string }).code ?? String(error),
        );
        throw new Error(read);
      }).catch((error: unknown) => (error as Error).message);
      expect(outcome, statements.join("; ")).to.equal(statements.length === 0 ? "2 versions" : "content_unreadable");
    }
    expect((await merchant.records.read(id)).contents).to.have.length(2);
  });

  it("is read and written while keys are rotated by two at once, and by one who was stopped", async () => {
    if (BOTH === undefined) throw new Error("no keys");
    const held = await shop.hold(await shop.terms());
    const hash = await shop.client.uploadDocument(
      held.id,
      new Blob(["Nakamura's broken bowl"], { type: "text/plain" }),
    );
    expect(await found(["broken bowl"])).to.deep.equal([]);
    // As one that was kept before there were keys.
    await database.query("UPDATE documents SET content = $1, item_key = NULL", [Buffer.from("Nakamura's broken bowl")]);
    expect(await found(["broken bowl"])).to.deep.equal(["broken bowl"]);

    const over = new AbortController();
    let reads = 0;
    const reading = (async () => {
      while (!over.signal.aborted) {
        expect((await merchant.records.read(id)).contents).to.have.length(2);
        const next = createRecord(recordOf());
        await merchant.records.store({ record: next.record, salt: next.salt });
        reads += 1;
      }
    })();
    const masters = async () =>
      (await database.query<{ name: string }>("SELECT DISTINCT master_key AS name FROM tenant_keys")).rows.map(
        ({ name }) => name,
      );
    const sealedBefore = await readSealedBytes();
    const wrapped = await Promise.all([rewrapTenantKeys(database, BOTH), rewrapTenantKeys(database, BOTH)]);
    expect(wrapped[0] + wrapped[1]).to.be.at.least(2);
    await Promise.all([resealTenants(database, BOTH), resealTenants(database, BOTH)]);
    // One who was stopped after she had retired a key.
    const { address } = shop.merchant;
    expect(await inTransaction(database, (db) => retireTenantKey(db, address))).to.equal(true);
    expect(await inTransaction(database, (db) => retireTenantKey(db, address))).to.equal(false);
    expect((await merchant.records.read(id)).contents).to.have.length(2);
    expect(await resealTenants(database, BOTH, address)).to.be.greaterThan(5);
    over.abort();
    await reading;
    expect(reads).to.be.greaterThan(0);

    // The instance still has the old key first; the command wraps what it made meanwhile.
    process.env.CORRIDOR_RECORD_KEYS = `${NEW},${OLD}`;
    try {
      expect(await runKeyCommand(database, ["reseal", "--merchant", address])).to.match(/^\d+ versions/);
      expect(await runKeyCommand(database, ["rewrap"]))
        .to.contain("wrapped under new")
        .and.to.contain("old may be taken");
    } finally {
      delete process.env.CORRIDOR_RECORD_KEYS;
    }
    expect(await masters()).to.deep.equal(["new"]);
    const { rows } = await database.query("SELECT 1 FROM tenant_keys WHERE retired_at IS NOT NULL");
    expect(rows).to.have.length(0);
    expect(await readSealedBytes()).to.not.equal(sealedBefore);
    expect(await found(["broken bowl", ...SECRETS])).to.deep.equal([]);
    const access = { id: held.id, document: hash, reader: shop.arbiter.address };
    const consent = await shop.consent(shop.arbiter, DOCUMENT_ACCESS_TYPES, access, 60n);
    const document = await shop.client.readDocument(held.id, hash, { reader: shop.arbiter.address, ...consent });
    expect(await document.text()).to.equal("Nakamura's broken bowl");
    const [only] = readMasterKeys([NEW]) ?? [];
    expect(await rewrapTenantKeys(database, only === undefined ? BOTH : [only])).to.equal(0);
    expect((await merchant.records.read(id)).contents[0]?.record).to.deep.equal(made.record);
  });

  async function readSealedBytes(): Promise<string> {
    const { rows } = await database.query<{ sealed: Buffer }>(
      "SELECT sealed FROM remittance_versions WHERE record_id = $1 AND version = 1",
      [id],
    );
    return rows[0]?.sealed.toString("hex") ?? "";
  }

  it("is erased, key and all; the chain proves the payment, and a kept copy proves what it was for", async () => {
    const sealed = await readSealedBytes();
    const { rows: keys } = await database.query<{ key: string }>(
      "SELECT item_key AS key FROM remittance_versions WHERE record_id = $1",
      [id],
    );
    const disclosure = await merchant.records.disclose(id, ["/goods"]);
    const erased = await merchant.records.erase(id);
    expect(erased.erasedAt).to.be.a("string");
    expect(await merchant.records.erase(id)).to.deep.equal(erased);

    const { rows: versions } = await database.query(
      "SELECT item_key, sealed FROM remittance_versions WHERE record_id = $1 ORDER BY version",
      [id],
    );
    expect(versions).to.deep.equal([
      { item_key: null, sealed: null },
      { item_key: null, sealed: null },
    ]);
    const { rows: left } = await database.query("SELECT 1 FROM item_keys WHERE id = ANY($1::uuid[])", [
      keys.map(({ key }) => key),
    ]);
    expect(left).to.have.length(0);
    expect((await dump()).includes(sealed)).to.equal(false);

    for (const call of [() => merchant.records.read(id), () => merchant.records.disclose(id, ["/goods"])]) {
      expect(await code(call())).to.equal("410 record_erased");
    }
    const body = { record: made.record, salt: made.salt };
    expect(await code(merchant.records.store(body))).to.equal("410 record_erased");
    expect(await code(merchant.records.correct(id, body))).to.equal("410 record_erased");
    const reading = accessOf(customer, payment.id, made.memo).then((access) =>
      merchant.records.readOfPayment(payment.id, access),
    );
    expect(await code(reading)).to.equal("410 record_erased");
    expect((await merchant.records.export({ subject: customer.address })).records).to.deep.equal([]);

    const memo = await memoOnChain(payment.id);
    expect(memo).to.equal(made.memo);
    expect(verifyRecord(JSON.parse(made.text), made.salt, memo)).to.equal(true);
    expect(verifyDisclosure(disclosure, memo)?.fields.get("/goods/0/quantity")).to.equal("6");
  });

  it("tells who did what with it, and nothing of what it said", async () => {
    const { entries } = await merchant.records.audit(id);
    const actions = entries.map(({ action }) => action);
    expect(actions[0]).to.equal("erased");
    expect(actions.at(-1)).to.equal("stored");
    expect(new Set(actions)).to.deep.equal(new Set(["stored", "corrected", "read", "exported", "disclosed", "erased"]));
    expect(entries.map(({ actor }) => actor)).to.include.members(["payer", "payee"]);
    expect(entries.find(({ action }) => action === "disclosed")?.pointers).to.deep.equal(["/goods"]);
    const page = await merchant.records.audit(id, { limit: "2" });
    expect((await merchant.records.audit(id, { limit: "2", cursor: page.next ?? "" })).entries[0]?.id).to.equal(
      entries[2]?.id,
    );
    expect(JSON.stringify(entries)).to.not.match(new RegExp(SECRETS.join("|")));
  });
});
