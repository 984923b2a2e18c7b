import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";

import { expect } from "chai";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";

import type { ApiDependencies } from "../../relayer/api/dependencies.ts";
import { createServer } from "../../relayer/api/server.ts";
import { createMetrics } from "../../relayer/metrics.ts";
import type { Readings } from "../../relayer/readings.ts";

const RPC = "https://rpc.example.org/v2/path";
const SCRIPT = "console.log('built');\n".repeat(200);
const SECRET = "a file beside the assets";

describe("the console's pages", () => {
  let folder = "";
  let server: FastifyInstance;
  const logged: string[] = [];

  function open(dist: string, rpcUrl: string | null = RPC): FastifyInstance {
    const log = pino({ level: "info" }, { write: (line: string) => logged.push(line) });
    const parts: Partial<ApiDependencies> = {
      ...{ log, rateLimits: { reads: 5, writes: 5, quotes: 5, sessions: 5, failures: 5 }, trustProxy: false },
      ...{ metricsOpen: true, metrics: createMetrics({} as Readings), isDraining: () => false },
      console: { folder: dist, rpcUrl },
    };
    return createServer(parts as ApiDependencies);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "corridor-console-"));
    const assets = join(folder, "dist", "assets");
    await mkdir(assets, { recursive: true });
    const document = `<!doctype html><meta name="csp-nonce" content="%CSP_NONCE%"><style nonce="%CSP_NONCE%"></style>`;
    await writeFile(join(folder, "dist", "index.html"), document);
    await writeFile(join(folder, "dist", "secret.txt"), SECRET);
    await writeFile(join(folder, "secret.txt"), SECRET);
    await writeFile(join(assets, ".hidden"), SECRET);
    await writeFile(join(assets, "index-1a2b.js"), SCRIPT);
    await writeFile(join(assets, "index-1a2b.js.br"), brotliCompressSync(SCRIPT));
    await writeFile(join(assets, "index-1a2b.js.gz"), gzipSync(SCRIPT));
    await writeFile(join(assets, "plain-3c4d.css"), "body { color: black }");
  });

  beforeEach(() => {
    logged.length = 0;
    server = open(join(folder, "dist"));
  });

  afterEach(() => server.close());

  after(() => rm(folder, { recursive: true, force: true }));

  const get = (url: string, headers: Record<string, string> = {}) => server.inject({ method: "GET", url, headers });

  const nonceOf = (policy: string): string => /'nonce-([A-Za-z0-9_-]{22})'/.exec(policy)?.[1] ?? "none";

  for (const path of ["/", "/pay/5f3a2c1e", "/merchant", "/merchant/payments/0x12?a=b"]) {
    it(`${path} is a document that reaches the relayer and its node only`, async () => {
      const { statusCode, headers, body } = await get(path);
      expect(statusCode).to.equal(200);
      const policy = String(headers["content-security-policy"]);
      const nonce = nonceOf(policy);
      expect(policy).to.equal(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; ` +
          "font-src 'self'; manifest-src 'self'; connect-src 'self' https://rpc.example.org; base-uri 'none'; " +
          "form-action 'none'; frame-ancestors 'none'",
      );
      expect(body).to.contain(`content="${nonce}"`).and.to.contain(`<style nonce="${nonce}">`);
      expect(body).to.not.contain("%CSP_NONCE%");
      expect(headers).to.include({
        ...{ "cache-control": "no-store", "content-type": "text/html; charset=utf-8" },
        ...{ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" },
        "cross-origin-opener-policy": "same-origin",
      });
      expect(headers["permissions-policy"]).to.contain(
        "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=()",
      );
    });
  }

  for (const path of ["/audit", "/audit/payments/0x12"]) {
    it(`${path} reaches the node that an auditor names`, async () => {
      expect((await get(path)).headers["content-security-policy"]).to.contain(
        "connect-src 'self' https://rpc.example.org https: http://localhost:* http://127.0.0.1:*;",
      );
    });
  }

  it("reach no node where none is told", async () => {
    await server.close();
    server = open(join(folder, "dist"), null);
    expect((await get("/receipt/0x12")).headers["content-security-policy"]).to.contain("connect-src 'self';");
  });

  it("have a nonce that is new with each answer", async () => {
    const answers = await Promise.all([get("/"), get("/"), get("/")]);
    const nonces = answers.map(({ headers }) => nonceOf(String(headers["content-security-policy"])));
    expect(new Set(nonces).size).to.equal(3);
    expect(nonces).to.not.include("none");
  });

  it("load what may be kept for ever, compressed where it was built so", async () => {
    const plain = await get("/assets/index-1a2b.js");
    expect(plain.body).to.equal(SCRIPT);
    for (const { headers } of [plain, await get("/assets/plain-3c4d.css", { "accept-encoding": "br" })]) {
      expect(headers).to.include({
        ...{ "cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff" },
      });
      expect(headers).to.not.have.property("content-encoding");
    }
    const packed = await get("/assets/index-1a2b.js", { "accept-encoding": "gzip, br" });
    expect(packed.headers).to.include({ "content-encoding": "br", "cache-control": plain.headers["cache-control"] });
    expect(packed.headers["content-type"]).to.equal(plain.headers["content-type"]);
    expect(brotliDecompressSync(packed.rawPayload).toString()).to.equal(SCRIPT);
    const zipped = await get("/assets/index-1a2b.js", { "accept-encoding": "gzip" });
    expect(zipped.headers).to.include({ "content-encoding": "gzip" });
  });

  for (const path of [
    "/assets/../secret.txt",
    "/assets/%2e%2e/secret.txt",
    "/assets/..%2fsecret.txt",
    "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/assets/..%5csecret.txt",
    "/assets//etc/passwd",
    "/assets/.hidden",
    "/assets/",
    "/assets/none.js",
    "/secret.txt",
    "/index.html",
    "/other",
  ]) {
    it(`do not come with ${path}`, async () => {
      const { statusCode, body, headers } = await get(path);
      expect(statusCode).to.be.oneOf([400, 403, 404]);
      expect(headers["content-type"]).to.contain("application/problem+json");
      expect(body).to.not.contain(SECRET);
    });
  }

  it("are counted as reads; what they load is not", async () => {
    for (let count = 0; count < 10; count += 1) expect((await get("/assets/plain-3c4d.css")).statusCode).to.equal(200);
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await get("/")).statusCode);
    expect(statuses).to.deep.equal([200, 200, 200, 200, 200, 429]);
  });

  it("are not there if they are not built, which the log says once", async () => {
    await server.close();
    server = open(join(folder, "none"));
    logged.length = 0;
    await server.close();
    server = open(join(folder, "none"));
    for (const path of ["/", "/merchant", "/assets/index-1a2b.js"]) expect((await get(path)).statusCode).to.equal(404);
    expect(logged.filter((line) => line.includes("not built"))).to.have.length(1);
    expect((await get("/livez")).statusCode).to.equal(200);
  });

  it("do not stand in the way of the description", async () => {
    expect((await get("/docs/json")).statusCode).to.equal(200);
  });
});
