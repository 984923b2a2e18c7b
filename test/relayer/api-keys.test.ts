import { expect } from "chai";
import { pino } from "pino";

import { newKeyId, newSecret, readBearer, readKey } from "../../relayer/api/api-key.ts";
import { createKeyRing } from "../../relayer/api/key-ring.ts";
import { findApiKey, insertApiKey, listApiKeys, revokeApiKey, rotateApiKey } from "../../relayer/store/api-keys.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { runKeyCommand } from "../../scripts/keys/commands.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const MERCHANT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const OPERATOR_KEY = "a key of the operator's, long enough!".replaceAll(" ", "-");

describe("API keys", () => {
  let postgres: TestDatabase;
  let database: Database;

  before(async () => {
    postgres = await openTestDatabase();
    const { url } = postgres;
    database = openDatabase(url);
    await migrate(database);
  });

  beforeEach(() => database.query("TRUNCATE api_keys"));

  after(async () => {
    await database.end();
    await postgres.stop();
  });

  /** A ring whose clock the test sets. */
  function ring(clock: { now: number }, operatorKey?: string) {
    return createKeyRing({ database, operatorKey, log: pino({ level: "silent" }), now: () => clock.now });
  }

  async function made(changes: { expiresAt?: Date; scopes?: readonly string[] } = {}) {
    const id = newKeyId();
    const secret = newSecret(id);
    const { keyHash, prefix, text } = secret;
    await insertApiKey(database, {
      ...{ id, name: "till", merchant: MERCHANT, scopes: ["payments:read"], expiresAt: null, keyHash, prefix },
      ...changes,
    });
    return { id, text };
  }

  describe("the text of a key", () => {
    it("has the id and 32 random bytes, and is read back", () => {
      const id = newKeyId();
      const { text, keyHash, prefix } = newSecret(id);
      expect(text).to.match(/^corridor_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/);
      expect(text.startsWith(prefix)).to.equal(true);
      expect(prefix).to.have.length(text.length - 39);
      expect(readKey(text)).to.deep.equal({ id, keyHash });
      expect(newSecret(id).text).to.not.equal(text);
    });

    for (const text of [
      "",
      "corridor_",
      "corridor_0123456789abcdef_short",
      `corridor_XYZ3456789abcdef_${"a".repeat(43)}`,
    ]) {
      it(`is not "${text}"`, () => {
        expect(readKey(text)).to.equal(undefined);
      });
    }

    it("is what stands behind Bearer", () => {
      expect(readBearer("Bearer abc")).to.equal("abc");
      expect(readBearer("bearer  abc")).to.equal("abc");
      for (const header of ["", "Basic abc", "Bearer", "Bearer a b", "Bearer é"]) {
        expect(readBearer(header), header).to.equal(undefined);
      }
    });
  });

  it("are stored as hashes only", async () => {
    const { id, text } = await made();
    const { rows } = await database.query<Record<string, unknown>>("SELECT api_keys::text AS all FROM api_keys");
    const secret = text.slice(-43);
    expect(String(rows[0]?.all)).to.contain(id).and.to.not.contain(secret);
    expect(String(rows[0]?.all)).to.not.contain(Buffer.from(secret, "base64url").toString("hex"));
  });

  it("are told apart: whose they are, and what for", async () => {
    const clock = { now: Date.now() };
    const keys = ring(clock, OPERATOR_KEY);
    const { id, text } = await made({ scopes: ["payments:read", "something that a later version has"] });
    const holder = await keys.find(text);
    expect(holder).to.deep.equal({ id, merchant: MERCHANT, scopes: ["payments:read"], expiresAt: null });
    expect(keys.recall(text)).to.equal(holder);
    expect(await keys.find(OPERATOR_KEY)).to.deep.include({ id: "operator", merchant: null });
    expect((await keys.find(OPERATOR_KEY))?.scopes).to.include("keys");
    for (const wrong of [newSecret(id).text, newSecret(newKeyId()).text, `${OPERATOR_KEY}x`, "", text.slice(0, -1)]) {
      expect(await keys.find(wrong), wrong).to.equal(undefined);
    }
    expect(await ring(clock).find(OPERATOR_KEY)).to.equal(undefined);
    expect([keys.isFamiliar(text), keys.isFamiliar(newSecret(newKeyId()).text)]).to.deep.equal([true, false]);
  });

  it("end within 5 seconds of their revocation, and at once where it was asked for", async () => {
    const clock = { now: Date.now() };
    const keys = ring(clock);
    const { id, text } = await made();
    await keys.find(text);
    const first = await revokeApiKey(database, id);
    clock.now += 5_000;
    expect(await keys.find(text)).to.equal(undefined);
    expect((await revokeApiKey(database, id))?.revokedAt).to.deep.equal(first?.revokedAt);
    const other = await made();
    await keys.find(other.text);
    await revokeApiKey(database, other.id);
    keys.forget(other.id);
    expect(await keys.find(other.text)).to.equal(undefined);
    expect(await revokeApiKey(database, newKeyId())).to.equal(undefined);
  });

  it("end to the millisecond when they expire, also while they are remembered", async () => {
    const expiresAt = new Date(Date.now() + 60_000);
    const clock = { now: expiresAt.getTime() - 1 };
    const keys = ring(clock);
    const { id, text } = await made({ expiresAt });
    expect(await keys.find(text)).to.include({ id });
    clock.now += 1;
    expect(keys.recall(text)).to.equal(undefined);
    expect(await keys.find(text)).to.equal(undefined);
  });

  it("keep their last secret for the grace of a rotation, and no longer", async () => {
    const clock = { now: Date.now() };
    const keys = ring(clock);
    const { id, text } = await made();
    await keys.find(text);
    const second = newSecret(id);
    const rotated = await rotateApiKey(database, id, second, 60);
    const until = rotated?.previousUntil?.getTime() ?? 0;
    expect(until).to.be.within(Date.now() + 55_000, Date.now() + 65_000);
    // Another instance rotated it: the new secret is good at once.
    expect(await keys.find(second.text)).to.include({ id });
    clock.now = until - 1;
    expect(await keys.find(text)).to.include({ id });
    clock.now = until;
    expect(await keys.find(text)).to.equal(undefined);
    expect(await keys.find(second.text)).to.include({ id });
    const third = newSecret(id);
    await rotateApiKey(database, id, third, 0);
    keys.forget(id);
    expect([await keys.find(text), await keys.find(second.text)]).to.deep.equal([undefined, undefined]);
    expect(await keys.find(third.text)).to.include({ id });
    await revokeApiKey(database, id);
    expect(await rotateApiKey(database, id, newSecret(id), 0)).to.equal(undefined);
  });

  it("are looked up once for all who ask at a time, and not remembered if they were forgotten meanwhile", async () => {
    const { id, text } = await made();
    let looks = 0;
    const counting = new Proxy(database, {
      get(target, name) {
        if (name === "query") looks += 1;
        const member = Reflect.get(target, name) as unknown;
        return typeof member === "function" ? (member.bind(target) as unknown) : member;
      },
    });
    await database.query("UPDATE api_keys SET last_used_at = clock_timestamp()");
    const clock = { now: Date.now() };
    const log = pino({ level: "silent" });
    const keys = createKeyRing({ database: counting, operatorKey: undefined, log, now: () => clock.now });
    const forged = newSecret(id).text;
    const found = await Promise.all([keys.find(text), keys.find(forged), keys.find(text), keys.find(text)]);
    expect(found.map((holder) => holder?.id)).to.deep.equal([id, undefined, id, id]);
    expect(looks).to.equal(1);
    clock.now += 3_001;
    await new Promise((resolve) => setImmediate(resolve));
    const again = keys.find(text);
    keys.forget(id);
    expect((await again)?.id).to.equal(id);
    expect(keys.recall(text)).to.equal(undefined);
    expect(looks).to.equal(2);
  });

  it("note their use at most once a minute", async () => {
    const keys = ring({ now: Date.now() });
    const { id, text } = await made();
    const lastUsed = async () => (await findApiKey(database, id))?.lastUsedAt;
    const used = async () => {
      keys.forget(id);
      await keys.find(text);
      await new Promise((resolve) => setTimeout(resolve, 100));
      return lastUsed();
    };
    const first = await used();
    expect(first).to.be.an.instanceOf(Date);
    expect(await used()).to.deep.equal(first);
    await database.query("UPDATE api_keys SET last_used_at = last_used_at - interval '61 seconds'");
    expect((await used())?.getTime()).to.be.greaterThan((first?.getTime() ?? 0) - 1);
  });

  it("are listed newest first, page by page", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift((await made()).id);
    const page = await listApiKeys(database, MERCHANT, undefined, 3);
    const rest = await listApiKeys(database, MERCHANT, page.at(-1)?.id, 3);
    expect([...page, ...rest].map(({ id }) => id)).to.deep.equal(ids);
    expect(await listApiKeys(database, "somebody else", undefined, 3)).to.deep.equal([]);
    expect(await listApiKeys(database, undefined, undefined, 10)).to.have.length(5);
  });

  describe("by command", () => {
    const run = (...args: string[]) => runKeyCommand(database, args);
    const failure = async (...args: string[]) =>
      run(...args).then(
        () => "it was done",
        (error: unknown) => String(error),
      );

    it("are made, listed, rotated and revoked", async () => {
      const clock = { now: Date.now() };
      const keys = ring(clock);
      const printed = await run(
        ...["create", "--merchant", MERCHANT.toLowerCase(), "--scopes", "keys,payments:read", "--name", "Anna's till"],
      );
      const [text = ""] = printed.split("\n");
      const holder = await keys.find(text);
      expect(holder).to.deep.include({ merchant: MERCHANT, scopes: ["payments:read", "keys"] });
      const id = holder?.id ?? "";
      expect(await run("list"))
        .to.contain(`${id}  good  ${MERCHANT}  payments:read,keys`)
        .and.to.contain("Anna's till");
      expect(await run("list")).to.not.contain(text);
      const [rotated = ""] = (await run("rotate", id, "--grace", "0")).split("\n");
      keys.forget(id);
      expect([await keys.find(text), (await keys.find(rotated))?.id]).to.deep.equal([undefined, id]);
      expect(await run("revoke", id)).to.contain("Anna's till");
      expect(await run("list", "--merchant", MERCHANT)).to.contain(`${id}  revoked`);
      expect(await failure("rotate", id)).to.contain("revoked");
      const [own = ""] = (await run("create", "--operator", "--scopes", "reports:read", "--name", "books")).split("\n");
      expect(await keys.find(own)).to.deep.include({ merchant: null, scopes: ["reports:read"] });
    });

    for (const [args, says] of [
      [[], "Usage"],
      [["create", "--scopes", "keys", "--name", "x"], "--operator"],
      [["create", "--operator", "--merchant", MERCHANT, "--scopes", "keys", "--name", "x"], "one of them"],
      [["create", "--merchant", "0x12", "--scopes", "keys", "--name", "x"], "checksum"],
      [["create", "--operator", "--scopes", "keys,all", "--name", "x"], "--scopes must"],
      [["create", "--operator", "--scopes", "keys,keys", "--name", "x"], "--scopes must"],
      [["create", "--operator", "--scopes", "keys"], "--name must"],
      [["create", "--operator", "--scopes", "keys", "--name", "x", "--expires", "tomorrow"], "--expires must"],
      [
        ["create", "--operator", "--scopes", "keys", "--name", "x", "--expires", "2020-01-01T00:00:00Z"],
        "--expires must",
      ],
      [["rotate", "x", "--grace", "-1"], "--grace"],
      [["revoke", "x"], "no key"],
      [["list", "--nonsense"], "Usage"],
    ] as const) {
      it(`are not touched by ${args.join(" ") || "nothing"}`, async () => {
        expect(await failure(...args)).to.contain(says);
        expect(await run("list")).to.equal("There are no keys.");
      });
    }
  });
});
