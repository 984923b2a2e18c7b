import { createHash } from "node:crypto";

import { expect } from "chai";
import { hashMessage, hexlify, randomBytes, Wallet } from "ethers";
import type { FastifyInstance } from "fastify";
import { network } from "hardhat";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createAccess } from "../../relayer/api/access.ts";
import { newKeyId, newSecret } from "../../relayer/api/api-key.ts";
import { createKeyRing } from "../../relayer/api/key-ring.ts";
import type { RateLimits } from "../../relayer/api/rate-limits.ts";
import { createServer } from "../../relayer/api/server.ts";
import { createSignatureQuestion } from "../../relayer/chain/signature-question.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";
import { checkSignature } from "../../native/check-signature.ts";
import { insertApiKey } from "../../relayer/store/api-keys.ts";
import { type Database, openDatabase } from "../../relayer/store/database.ts";
import { migrate } from "../../relayer/store/migrate.ts";
import { insertChallenge } from "../../relayer/store/sessions.ts";
import { assertionOf, signInSoftware } from "../../scripts/vectors/software-passkey.ts";
import type { SessionChallenge, SessionView } from "../../sdk/client.ts";
import { p256Address } from "../../sdk/p256.ts";
import { p256PublicKey, signDigestWithP256 } from "../../sdk/p256-signer.ts";
import { SignatureVerifier__factory } from "../../typechain-types/factories/contracts/SignatureVerifier__factory.ts";
import { WalletMock__factory } from "../../typechain-types/factories/contracts/mocks/WalletMock__factory.ts";
import { openTestDatabase, type TestDatabase } from "../test-database.ts";

const HOST = "pay.example.com";
const ORIGIN = `https://${HOST}`;
const OPERATOR_KEY = "an-operators-key-that-is-long-enough";
const wallet = new Wallet(hexlify(randomBytes(32)));

type Headers = Record<string, string>;

describe("signing in", () => {
  let postgres: TestDatabase;
  let database: Database;
  let server: FastifyInstance;
  let other: FastifyInstance;
  let ethers: Awaited<ReturnType<typeof network.create>>["ethers"];
  let askContract: ReturnType<typeof createSignatureQuestion>;

  before(async () => {
    postgres = await openTestDatabase();
    database = openDatabase(postgres.url);
    await migrate(database);
    ({ ethers } = await network.create());
    const deployer = await ethers.provider.getSigner(0);
    const verifier = await (await new SignatureVerifier__factory(deployer).deploy()).getAddress();
    askContract = createSignatureQuestion(ethers.provider, verifier);
    server = open();
    other = open();
  });

  beforeEach(() => database.query("TRUNCATE sessions, session_challenges, api_keys"));

  after(async () => {
    await Promise.all([server.close(), other.close()]);
    await database.end();
    await postgres.stop();
  });

  /** An instance; all of them have one database. */
  function open({ chainId = "31337", limits }: { chainId?: string; limits?: RateLimits } = {}): FastifyInstance {
    const log = pino({ level: "silent" });
    const parts: Partial<ApiDependencies> = {
      ...{ database, log, access: createAccess(), trustProxy: false, metricsOpen: true },
      ...{ metrics: createMetrics({} as Readings), rateLimits: limits },
      keyRing: createKeyRing({ database, operatorKey: OPERATOR_KEY, log }),
      network: { chainId } as ApiDependencies["network"],
      signatures: {
        ...{ checkSignature, askContract },
        hasCode: async (account) => (await ethers.provider.getCode(account)) !== "0x",
      },
      webhooks: { key: undefined, allowPrivate: false },
      isDraining: () => false,
      isOverloaded: () => false,
    };
    return createServer(parts as ApiDependencies);
  }

  const post = (url: string, payload: object, headers: Headers = {}, at = server) =>
    at.inject({ method: "POST", url, headers: { host: HOST, origin: ORIGIN, ...headers }, payload });
  const get = (url: string, headers: Headers = {}, at = server) =>
    at.inject({ method: "GET", url, headers: { host: HOST, ...headers } });

  async function challenge(address = wallet.address, headers: Headers = {}, at = server): Promise<string> {
    const answer = await post("/v1/sessions/challenge", { address }, headers, at);
    expect(answer.statusCode, answer.body).to.equal(200);
    expect(answer.headers["cache-control"]).to.equal("no-store");
    return answer.json<SessionChallenge>().message;
  }

  const signIn = (message: string, signature: string, headers: Headers = {}, at = server) =>
    post("/v1/sessions", { message, signature }, headers, at);

  /** Signs in, and is the header that goes on being signed in. */
  async function cookieOf(signer = wallet): Promise<Headers> {
    const message = await challenge(signer.address);
    const answer = await signIn(message, await signer.signMessage(message));
    expect(answer.statusCode, answer.body).to.equal(201);
    const [cookie] = answer.cookies;
    return { cookie: `corridor_session=${cookie?.value}` };
  }

  function refusal(answer: Awaited<ReturnType<typeof get>>) {
    const { code, field } = answer.json<{ code: string; field?: string }>();
    return { status: answer.statusCode, code, field };
  }

  const BAD_MESSAGE = { status: 401, code: "unauthorized", field: "message" };

  it("gives a browser a cookie that no script reads and no other site sends, and tells who it is", async () => {
    const message = await challenge();
    expect(message).to.match(
      new RegExp(
        `^${HOST} wants you to sign in with your Ethereum account:\n${wallet.address}\n\n` +
          `[^\n]+\n\nURI: ${ORIGIN}\nVersion: 1\nChain ID: 31337\nNonce: [0-9a-f]{32}\nIssued At: [^\n]+\nExpiration Time: [^\n]+$`,
      ),
    );
    const answer = await signIn(message, await wallet.signMessage(message));
    expect(answer.statusCode).to.equal(201);
    expect(answer.headers["cache-control"]).to.equal("no-store");
    const { address, expiresAt } = answer.json<SessionView>();
    expect(address).to.equal(wallet.address);
    expect(Date.parse(expiresAt) - Date.now()).to.be.within(43_100_000, 43_300_000);
    expect(answer.headers["set-cookie"]).to.match(
      /^corridor_session=[A-Za-z0-9_-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
    const current = await get("/v1/sessions/current", { cookie: `corridor_session=${answer.cookies[0]?.value}` });
    expect(current.json()).to.deep.equal({ address, expiresAt });
    expect(current.headers["cache-control"]).to.equal("no-store");
  });

  it("keeps the cookie's hash only", async () => {
    const { cookie = "" } = await cookieOf();
    const secret = Buffer.from(cookie.slice(-43), "base64url");
    const { rows } = await database.query<{ hash: Buffer; row: string }>(
      "SELECT secret_hash AS hash, sessions::text AS row FROM sessions",
    );
    expect(rows.map(({ hash }) => hash)).to.deep.equal([createHash("sha256").update(secret).digest()]);
    expect(rows[0]?.row).to.not.contain(secret.toString("hex")).and.to.not.contain(cookie.slice(-43));
  });

  it("is without Secure where the page came without encryption", async () => {
    const headers = { host: "localhost:8080", origin: "http://localhost:8080" };
    const message = await challenge(wallet.address, headers);
    expect(message).to.contain("localhost:8080 wants you").and.to.contain("URI: http://localhost:8080\n");
    const answer = await signIn(message, await wallet.signMessage(message), headers);
    expect(answer.headers["set-cookie"]).to.contain("HttpOnly").and.to.not.contain("Secure;");
  });

  describe("takes every kind of signature", () => {
    const key = hexlify(randomBytes(32));

    it("P-256", async () => {
      const message = await challenge(p256Address(p256PublicKey(key)));
      const answer = await signIn(message, signDigestWithP256(key, hashMessage(message)));
      expect(answer.json()).to.include({ address: p256Address(p256PublicKey(key)) });
    });

    it("a passkey's", async () => {
      const message = await challenge(p256Address(p256PublicKey(key)));
      const answer = await signIn(message, signInSoftware(key, assertionOf(hashMessage(message))));
      expect(answer.json()).to.include({ address: p256Address(p256PublicKey(key)) });
    });

    it("a contract wallet's, by its owner, and nobody else's", async () => {
      const contract = await new WalletMock__factory(await ethers.provider.getSigner(0)).deploy(wallet.address);
      const account = await contract.getAddress();
      const message = await challenge(account);
      const stranger = new Wallet(hexlify(randomBytes(32)));
      expect(refusal(await signIn(message, await stranger.signMessage(message)))).to.include({ code: "bad_signature" });
      const second = await challenge(account);
      expect((await signIn(second, await wallet.signMessage(second))).json()).to.include({ address: account });
    });
  });

  describe("refuses", () => {
    it("a challenge that was used, also by another instance and at the same time", async () => {
      const message = await challenge();
      const signature = await wallet.signMessage(message);
      const answers = await Promise.all([server, other, server, other].map((at) => signIn(message, signature, {}, at)));
      expect(answers.map(({ statusCode }) => statusCode).sort()).to.deep.equal([201, 401, 401, 401]);
      expect(refusal(await signIn(message, signature))).to.deep.equal(BAD_MESSAGE);
    });

    it("a challenge that failed once", async () => {
      const message = await challenge();
      const stranger = new Wallet(hexlify(randomBytes(32)));
      const refused = await signIn(message, await stranger.signMessage(message));
      expect(refusal(refused)).to.deep.equal({ status: 422, code: "bad_signature", field: "signature" });
      expect(refusal(await signIn(message, await wallet.signMessage(message)))).to.deep.equal(BAD_MESSAGE);
    });

    it("a challenge that is past", async () => {
      const message = await challenge();
      await database.query("UPDATE session_challenges SET expires_at = clock_timestamp()");
      expect(refusal(await signIn(message, await wallet.signMessage(message)))).to.deep.equal(BAD_MESSAGE);
    });

    it("a challenge of another domain of the same relayer", async () => {
      const message = await challenge(wallet.address, { host: "evil.example", origin: "https://evil.example" });
      expect(refusal(await signIn(message, await wallet.signMessage(message)))).to.deep.equal(BAD_MESSAGE);
    });

    it("a challenge of another chain", async () => {
      const elsewhere = open({ chainId: "1" });
      const message = await challenge(wallet.address, {}, elsewhere);
      expect(message).to.contain("Chain ID: 1\n");
      expect(refusal(await signIn(message, await wallet.signMessage(message)))).to.deep.equal(BAD_MESSAGE);
      await elsewhere.close();
    });

    for (const [what, change] of [
      ["another statement", (text: string) => text.replace("moves no money", "moves money")],
      ["a later end", (text: string) => text.replace(/Expiration Time: \d{4}/, "Expiration Time: 2999")],
      ["an earlier end", (text: string) => text.replace(/Expiration Time: \d{4}/, "Expiration Time: 2001")],
      ["another nonce", (text: string) => text.replace(/Nonce: \w+/, `Nonce: ${"a1".repeat(16)}`)],
      ["another address", (text: string) => text.replace(wallet.address, new Wallet(hexlify(randomBytes(32))).address)],
      ["no form", () => "Sign here"],
      ["another line", (text: string) => `${text}\nResources:\n- https://example.com`],
    ] as const) {
      it(`a message that was changed: ${what}`, async () => {
        const original = await challenge();
        const message = change(original);
        expect(message).to.not.equal(original);
        expect(refusal(await signIn(message, await wallet.signMessage(message)))).to.deep.equal(BAD_MESSAGE);
        expect((await database.query("SELECT 1 FROM sessions")).rowCount).to.equal(0);
      });
    }

    it("a page of another host, or a host that is none", async () => {
      const refused = await post(
        "/v1/sessions/challenge",
        { address: wallet.address },
        { origin: "https://evil.example" },
      );
      expect(refusal(refused)).to.deep.equal({ status: 403, code: "forbidden", field: "origin" });
      const none = await get("/v1/sessions/current", { host: "x" });
      expect(none.statusCode).to.equal(401);
      const bad = await server.inject({
        ...{ method: "POST", url: "/v1/sessions/challenge", payload: { address: wallet.address } },
        headers: { host: "a b" },
      });
      expect(refusal(bad)).to.include({ status: 400, code: "malformed_request" });
      const message = await challenge();
      const from = await signIn(message, await wallet.signMessage(message), { origin: "https://evil.example" });
      expect(refusal(from)).to.include({ code: "forbidden" });
    });

    it("who failed too often, whatever she brings then, and who asks too often", async () => {
      const limited = open({ limits: { reads: 100, writes: 100, quotes: 100, sessions: 8, failures: 3 } });
      const message = await challenge(wallet.address, {}, limited);
      const signature = await wallet.signMessage(message);
      const statuses: number[] = [];
      for (const text of ["nonsense", "nonsense", "nonsense", "nonsense", message]) {
        statuses.push((await signIn(text, signature, {}, limited)).statusCode);
      }
      expect(statuses).to.deep.equal([401, 401, 401, 429, 429]);
      expect((await signIn(message, signature)).statusCode, "the challenge was not used up").to.equal(201);
      await challenge(wallet.address, {}, limited);
      await challenge(wallet.address, {}, limited);
      const [asked, read] = [
        await post("/v1/sessions/challenge", { address: wallet.address }, {}, limited),
        await get("/v1/sessions/current", {}, limited),
      ];
      expect([asked.statusCode, read.statusCode]).to.deep.equal([429, 401]);
      await limited.close();
    });

    it("to keep more challenges than it has room for; those that are past make room", async () => {
      const kept = (nonce: string, seconds: number) =>
        insertChallenge(database, { nonce: nonce.repeat(16), message: nonce }, seconds, 2);
      expect([await kept("a", 60), await kept("b", 60), await kept("c", 60)]).to.deep.equal([true, true, false]);
      await database.query("UPDATE session_challenges SET expires_at = clock_timestamp() WHERE message = 'a'");
      expect(await kept("d", 60)).to.equal(true);
    });
  });

  describe("a session", () => {
    const newKey = { name: "till", scopes: ["payments:read"] };

    it("is a merchant's caller with every scope, in every instance", async () => {
      const cookie = await cookieOf();
      for (const at of [server, other]) {
        const list = await get("/v1/keys", cookie, at);
        expect(list.statusCode, list.body).to.equal(200);
      }
      const stranger = await get(`/v1/payments?merchant=${new Wallet(hexlify(randomBytes(32))).address}`, cookie);
      expect(refusal(stranger)).to.include({ status: 403, code: "forbidden" });
      expect(refusal(await get("/v1/reports/netting", cookie)).status).to.equal(403);
    });

    it("makes keys that outlive it, of its own merchant", async () => {
      const made = await post("/v1/keys", newKey, await cookieOf());
      expect(made.statusCode, made.body).to.equal(201);
      expect(made.json()).to.include({ merchant: wallet.address, expiresAt: null });
    });

    for (const [what, headers, status] of [
      ["of this origin", { origin: ORIGIN }, 201],
      ["of this origin, as the browser says", { "sec-fetch-site": "same-origin" }, 201],
      ["of another port", { origin: `${ORIGIN}:8443` }, 403],
      ["of another host", { origin: "https://evil.example" }, 403],
      ["of another scheme, as the browser says", { origin: ORIGIN, "sec-fetch-site": "same-site" }, 403],
      ["without an origin", {}, 403],
      ["of a frame without one", { origin: "null" }, 403],
    ] as const) {
      it(`${status === 201 ? "lets" : "does not let"} a page ${what} change something`, async () => {
        const cookie = await cookieOf();
        const answer = await server.inject({
          ...{ method: "POST", url: "/v1/keys", payload: newKey },
          headers: { host: HOST, ...cookie, ...headers },
        });
        expect(answer.statusCode, answer.body).to.equal(status);
        if (status === 403) expect(refusal(answer)).to.include({ code: "forbidden", field: "origin" });
      });
    }

    it("does not count beside a key, good or bad", async () => {
      const cookie = await cookieOf();
      const id = newKeyId();
      const { text, keyHash, prefix } = newSecret(id);
      const rights = { merchant: wallet.address, scopes: ["payments:read"], expiresAt: null };
      await insertApiKey(database, { id, name: "till", ...rights, keyHash, prefix });
      const byKey = await get("/v1/keys", { ...cookie, authorization: `Bearer ${text}` });
      expect(refusal(byKey)).to.include({ status: 403, code: "forbidden" });
      expect((await get("/v1/keys", { ...cookie, authorization: "Bearer wrong" })).statusCode).to.equal(401);
      const current = await get("/v1/sessions/current", { ...cookie, authorization: `Bearer ${OPERATOR_KEY}` });
      expect(current.statusCode).to.equal(401);
    });

    it("that is past, or never was, is nobody's: what is open stays open", async () => {
      const cookie = await cookieOf();
      await database.query("UPDATE sessions SET expires_at = clock_timestamp()");
      for (const each of [cookie, { cookie: `corridor_session=${"A".repeat(43)}` }, { cookie: "corridor_session=x" }]) {
        expect((await get("/v1/network", each)).statusCode).to.equal(200);
        expect((await get("/v1/sessions/current", each)).statusCode).to.equal(401);
        expect((await get("/v1/keys", each)).statusCode).to.equal(401);
      }
    });

    it("ends when its holder signs out, in every instance", async () => {
      const cookie = await cookieOf();
      const out = await server.inject({
        ...{ method: "DELETE", url: "/v1/sessions/current" },
        headers: { host: HOST, origin: ORIGIN, ...cookie },
      });
      expect(out.statusCode).to.equal(204);
      expect(out.headers["set-cookie"]).to.match(/^corridor_session=; .*Expires=Thu, 01 Jan 1970/);
      expect((await database.query("SELECT 1 FROM sessions")).rowCount).to.equal(0);
      for (const at of [server, other]) {
        expect((await get("/v1/sessions/current", cookie, at)).statusCode).to.equal(401);
      }
    });

    it("is given up for the next one, and leaves those of other browsers", async () => {
      const first = await cookieOf();
      const elsewhere = await cookieOf();
      const message = await challenge();
      await signIn(message, await wallet.signMessage(message), first);
      expect((await get("/v1/sessions/current", first)).statusCode).to.equal(401);
      expect((await get("/v1/sessions/current", elsewhere)).statusCode).to.equal(200);
    });
  });
});
