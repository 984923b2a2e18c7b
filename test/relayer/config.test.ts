import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { getAddress } from "ethers";
import { pino } from "pino";

import { AppError } from "../../relayer/app-error.ts";
import { parseConfig } from "../../relayer/config.ts";
import { readDeploymentFile } from "../../relayer/deployment-file.ts";
import { startRelayer } from "../../relayer/relayer.ts";
import { type Deployment, DEPLOYMENT_FORMAT } from "../../sdk/deployment.ts";

const KEY = `0x${"11".repeat(32)}`;
const VALID = {
  CORRIDOR_RPC_URL: "http://127.0.0.1:8545",
  CORRIDOR_LEDGER: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  CORRIDOR_TOKENS: "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707, 0x0165878a594ca255338adfa4d48449f69242eb8f",
  CORRIDOR_LANE_KEYS: KEY,
};

function problemOf(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof AppError && error.code === "config_invalid") return error.message;
    throw error;
  }
  return "";
}

describe("configuration", () => {
  it("fills in defaults, also for empty values, and checksums addresses", () => {
    const config = parseConfig({ ...VALID, CORRIDOR_PORT: "", DATABASE_URL: "" });
    expect(config.port).to.equal(8080);
    expect(config.databaseUrl).to.equal(undefined);
    expect(config.tokens[1]).to.equal("0x0165878A594ca255338adfa4d48449f69242Eb8F");
  });

  it("has no operator's key, trusts no proxy and limits rates unless it is told otherwise", () => {
    const { operatorKey, rateLimit, trustProxy, metricsOpen } = parseConfig(VALID);
    expect({ operatorKey, rateLimit, trustProxy, metricsOpen }).to.deep.equal({
      ...{ operatorKey: undefined, rateLimit: 6_000, trustProxy: false, metricsOpen: true },
    });
    const told = parseConfig({
      ...{ ...VALID, CORRIDOR_OPERATOR_KEY: "x".repeat(32), CORRIDOR_RATE_LIMIT: "0", CORRIDOR_METRICS_OPEN: "false" },
      CORRIDOR_TRUST_PROXY: "loopback, 10.0.0.0/8,2001:db8::1",
    });
    expect(told.operatorKey).to.equal("x".repeat(32));
    expect([told.rateLimit, told.metricsOpen]).to.deep.equal([0, false]);
    expect(told.trustProxy).to.deep.equal(["loopback", "10.0.0.0/8", "2001:db8::1"]);
  });

  it("tells browsers of a node only where it is told one, and of a demo only beside one", () => {
    expect(parseConfig(VALID)).to.include({ consoleRpcUrl: undefined, demo: undefined });
    const demo = { bank: VALID.CORRIDOR_LEDGER, merchants: [] };
    const told = { ...VALID, CORRIDOR_DEMO: JSON.stringify(demo) };
    expect(problemOf(told)).to.contain("CORRIDOR_CONSOLE_RPC_URL");
    expect(parseConfig({ ...told, CORRIDOR_CONSOLE_RPC_URL: "https://rpc.example.org" }).demo).to.deep.equal(demo);
  });

  describe("with a deployment", () => {
    const at = (digit: string): string => getAddress(`0x${digit.repeat(40)}`);
    const DEPLOYMENT: Deployment = {
      ...{ format: DEPLOYMENT_FORMAT, chainId: 11_155_111, network: "sepolia", permit2: at("7"), startBlock: 9_000 },
      contracts: {
        ...{
          manager: at("1"),
          verifier: at("2"),
          ledger: at("3"),
          escrow: at("4"),
          gateway: at("5"),
          exchange: at("6"),
        },
        x402: at("c"),
      },
      ...{ finalityDepth: 64, blockTime: 12, tokens: [{ address: at("8"), symbol: "USDC", decimals: 6 }] },
      roles: { admin: at("9"), compliance: at("a"), guard: at("b"), guardDelay: 172_800 },
      ...{ codeHashes: {}, commit: null, deployedAt: 1_790_000_000 },
    };
    const NEEDED = { CORRIDOR_RPC_URL: VALID.CORRIDOR_RPC_URL, CORRIDOR_LANE_KEYS: KEY };
    let folder = "";

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "corridor-deployment-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const failureOf = async (reference: string): Promise<string> =>
      readDeploymentFile(reference).then(
        () => "",
        (error: unknown) => (error instanceof AppError ? error.code : String(error)),
      );

    it("takes from it what is not set", () => {
      const config = parseConfig({ ...NEEDED, CORRIDOR_ESCROW: "" }, DEPLOYMENT);
      expect(config).to.include({ chainId: 11_155_111n, ledger: at("3"), escrow: at("4"), gateway: at("5") });
      expect(config).to.include({ exchange: at("6"), x402: at("c"), startBlock: 9_000n, finalityDepth: 64 });
      expect(config.tokens).to.deep.equal([at("8")]);
    });

    it("sets what is set before it, and leaves out what is `none`", () => {
      const own = { CORRIDOR_START_BLOCK: "1", CORRIDOR_FINALITY_DEPTH: "0", CORRIDOR_TOKENS: at("d") };
      const without = { CORRIDOR_X402: "none", CORRIDOR_GATEWAY: "none" };
      const config = parseConfig({ ...NEEDED, ...own, ...without, CORRIDOR_ESCROW: at("e") }, DEPLOYMENT);
      expect(config).to.include({ startBlock: 1n, finalityDepth: 0, escrow: at("e"), ledger: at("3") });
      expect(config).to.include({ x402: undefined, gateway: undefined, exchange: at("6") });
      expect(config.tokens).to.deep.equal([at("d")]);
      const { contracts } = DEPLOYMENT;
      const withoutX402 = { ...DEPLOYMENT, contracts: { ...contracts, x402: null }, tokens: [] };
      expect(parseConfig({ ...NEEDED, CORRIDOR_TOKENS: at("d") }, withoutX402).x402).to.equal(undefined);
      expect(() => parseConfig(NEEDED, withoutX402)).to.throw(AppError, "CORRIDOR_TOKENS");
      expect(() => parseConfig({ ...NEEDED, CORRIDOR_LEDGER: "none" }, DEPLOYMENT)).to.throw(
        AppError,
        "CORRIDOR_LEDGER",
      );
    });

    it("holds fees of tokens and wallet factories against it", () => {
      const problem = (setting: Record<string, string>) => () => parseConfig({ ...NEEDED, ...setting }, DEPLOYMENT);
      expect(problem({ CORRIDOR_WALLET_FACTORIES: at("6") })).to.throw(AppError, "CORRIDOR_WALLET_FACTORIES");
      expect(problem({ CORRIDOR_WITHDRAWAL_FEES: `${at("8")}=1` })).not.to.throw();
    });

    it("is read from a file, which stops the start if it cannot be gone by", async () => {
      const file = join(folder, "sepolia.json");
      await writeFile(file, JSON.stringify(DEPLOYMENT));
      expect(await readDeploymentFile(file)).to.deep.equal(DEPLOYMENT);
      expect([await readDeploymentFile(undefined), await readDeploymentFile("")]).to.deep.equal([undefined, undefined]);
      expect(await failureOf(join(folder, "none.json"))).to.equal("deployment_missing");
      expect(await failureOf("999999999999")).to.equal("deployment_missing");
      const locked = () => Promise.reject(Object.assign(new Error("permission denied"), { code: "EACCES" }));
      const refused = await readDeploymentFile(file, locked).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(AppError).with.property("message").that.contains("may not be read (EACCES)");
      await writeFile(file, "{");
      expect(await failureOf(file)).to.equal("deployment_invalid");
      await writeFile(file, JSON.stringify({ ...DEPLOYMENT, startBlock: "9000" }));
      expect(await failureOf(file)).to.equal("deployment_invalid");
      const read = (path: string): Promise<string> =>
        path.startsWith("deployments/") ? Promise.resolve(JSON.stringify(DEPLOYMENT)) : Promise.reject(new Error(path));
      expect(await readDeploymentFile("11155111", read)).to.deep.equal(DEPLOYMENT);
      const failure = await readDeploymentFile("1", read).catch((error: unknown) => error);
      expect(failure, "another chain's file").to.be.instanceOf(AppError).with.property("code", "deployment_invalid");
    });

    it("is refused on another chain, before a database is opened", async () => {
      const node = createServer((_request, response) => {
        response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: "0x7a69" }));
      });
      await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
      const address = node.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      try {
        const config = parseConfig({ ...NEEDED, CORRIDOR_RPC_URL: `http://127.0.0.1:${port}` }, DEPLOYMENT);
        const failure = await startRelayer(config, pino({ level: "silent" })).then(
          () => "",
          (error: unknown) => (error instanceof AppError ? error.code : String(error)),
        );
        expect(failure).to.equal("deployment_wrong_chain");
      } finally {
        node.close();
        node.closeAllConnections();
      }
    });
  });

  it("names what is missing", () => {
    expect(problemOf({})).to.contain("CORRIDOR_LEDGER").and.to.contain("CORRIDOR_LANE_KEYS");
  });

  for (const [name, value] of [
    ["CORRIDOR_PORT", "65536"],
    ["CORRIDOR_PORT", "80x"],
    ["CORRIDOR_BATCH_GAS", "16777217"],
    ["CORRIDOR_LEDGER", "0xE7f1725E7734CE288F8367e1Bb143E90bb3F0512"],
    ["CORRIDOR_RPC_URL", "not a url"],
    ["CORRIDOR_DATABASE_NAME", "x; DROP"],
    ["CORRIDOR_LOG_LEVEL", "loud"],
    ["CORRIDOR_BATCH_GAS", "1999999"],
    ["CORRIDOR_ESCROW", "0x12"],
    ["CORRIDOR_GATEWAY", "0x12"],
    ["CORRIDOR_EXCHANGE", "0x12"],
    ["CORRIDOR_X402", "0x12"],
    ["CORRIDOR_X402_WAIT_MS", "600001"],
    ["CORRIDOR_MAKERS", "ftp://127.0.0.1"],
    ["CORRIDOR_MAKERS", "http://127.0.0.1:8090,maker"],
    ["CORRIDOR_WALLET_FACTORIES", "0x12"],
    ["CORRIDOR_WALLET_FACTORIES", VALID.CORRIDOR_LEDGER],
    ["CORRIDOR_WITHDRAWAL_FEES", "1"],
    ["CORRIDOR_WITHDRAWAL_FEES", "0x5FC8d32690cc91D4c39d9d3abcBD16989F875707=-1"],
    ["CORRIDOR_WITHDRAWAL_FEES", "0x5fC8d32690cc91D4c39d9d3abcBD16989F875707=1"],
    ["CORRIDOR_WITHDRAWAL_FEES", "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512=1"],
    ["CORRIDOR_ISO_CURRENCIES", "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"],
    ["CORRIDOR_ISO_CURRENCIES", "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512=USDC"],
    ["CORRIDOR_ISO_CURRENCIES", "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512=XBT"],
    ["CORRIDOR_CAPTURE_WARNING_S", "-1"],
    ["CORRIDOR_WEBHOOK_SECRET", "secret"],
    ["CORRIDOR_WEBHOOK_EVENTS", "payment.paid"],
    ["CORRIDOR_WEBHOOK_KEY", "AAAA"],
    ["CORRIDOR_WEBHOOK_ALLOW_PRIVATE", "yes"],
    ["CORRIDOR_RECORD_KEYS", "AAAA"],
    ["CORRIDOR_RECORD_KEYS", `a=${"A".repeat(43)}=,a=${"B".repeat(43)}=`],
    ["CORRIDOR_RECORD_KEYS", `Main=${"A".repeat(43)}=`],
    ["CORRIDOR_RECORD_KEYS", `a=${"A".repeat(43)}=,`],
    ["CORRIDOR_WEBHOOK_RETRY_S", "5,soon"],
    ["CORRIDOR_EVENT_STREAMS", "-1"],
    ["CORRIDOR_LANE_KEYS", "kms:"],
    ["CORRIDOR_LANE_KEYS", "kms:my key"],
    ["CORRIDOR_LANE_KEYS", "kms:arn:aws:s3:eu-central-1:111122223333:key/x"],
    ["CORRIDOR_KMS_REGION", "Frankfurt"],
    ["CORRIDOR_KMS_ENDPOINT", "ftp://127.0.0.1"],
    ["CORRIDOR_DRAIN_MS", "-1"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"],
    ["OTEL_TRACES_SAMPLER_ARG", "1.5"],
    ["CORRIDOR_OPERATOR_KEY", "x".repeat(31)],
    ["CORRIDOR_OPERATOR_KEY", `${"x".repeat(31)} x`],
    ["CORRIDOR_RATE_LIMIT", "-1"],
    ["CORRIDOR_TRUST_PROXY", "true"],
    ["CORRIDOR_TRUST_PROXY", "10.0.0.0/33"],
    ["CORRIDOR_CONSOLE_RPC_URL", "ws://127.0.0.1:8545"],
    ["CORRIDOR_DEMO", "{"],
    ["CORRIDOR_DEMO", "[]"],
    ["CORRIDOR_DEMO", '{"bank": "0x12", "merchants": []}'],
    ["CORRIDOR_METRICS_OPEN", "yes"],
  ] as const) {
    it(`refuses ${name}=${value}`, () => {
      expect(problemOf({ ...VALID, [name]: value })).to.contain(name);
    });
  }

  it("reads a withdrawal's fee for each token that has one", () => {
    expect(parseConfig(VALID).withdrawalFees.size).to.equal(0);
    const token = "0x0165878A594ca255338adfa4d48449f69242Eb8F";
    const { withdrawalFees } = parseConfig({ ...VALID, CORRIDOR_WITHDRAWAL_FEES: `${token.toLowerCase()}=250000` });
    expect([...withdrawalFees]).to.deep.equal([[token, 250_000n]]);
  });

  it("reads which currency a token stands for", () => {
    const token = "0x0165878A594ca255338adfa4d48449f69242Eb8F";
    const { isoCurrencies } = parseConfig({ ...VALID, CORRIDOR_ISO_CURRENCIES: `${token.toLowerCase()}=USD` });
    expect([...isoCurrencies]).to.deep.equal([[token, "USD"]]);
    expect(parseConfig(VALID).isoCurrencies.size).to.equal(0);
  });

  it("deploys no wallets unless it is told by which factories", () => {
    expect(parseConfig(VALID).walletFactories).to.deep.equal([]);
    const factory = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
    const { walletFactories } = parseConfig({ ...VALID, CORRIDOR_WALLET_FACTORIES: factory.toLowerCase() });
    expect(walletFactories).to.deep.equal([factory]);
  });

  it("wants a webhook's URL and secret together", () => {
    const [url, secret] = ["https://shop.example/hooks", `whsec_${"A".repeat(32)}`];
    expect(problemOf({ ...VALID, CORRIDOR_WEBHOOK_URL: url })).to.contain("CORRIDOR_WEBHOOK_SECRET");
    expect(problemOf({ ...VALID, CORRIDOR_WEBHOOK_SECRET: secret })).to.contain("CORRIDOR_WEBHOOK_SECRET");
    const { webhook } = parseConfig({ ...VALID, CORRIDOR_WEBHOOK_URL: url, CORRIDOR_WEBHOOK_SECRET: secret });
    expect(webhook).to.deep.equal({ url, secret, eventTypes: ["hold.capture_due"] });
    const told = (events: string) =>
      parseConfig({
        ...{ ...VALID, CORRIDOR_WEBHOOK_URL: url, CORRIDOR_WEBHOOK_SECRET: secret, CORRIDOR_WEBHOOK_EVENTS: events },
      }).webhook?.eventTypes;
    expect(told("payment.settled, payment.reorged")).to.deep.equal(["payment.settled", "payment.reorged"]);
    expect(told("all")).to.equal(null);
  });

  it("takes keys in memory and in KMS, whose region their ARN or a setting says", () => {
    const arn = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const { laneKeys } = parseConfig({ ...VALID, CORRIDOR_LANE_KEYS: `${KEY},kms:${arn}` });
    expect(laneKeys).to.deep.equal([
      { kind: "local", privateKey: KEY },
      { kind: "kms", keyId: arn, region: "eu-central-1" },
    ]);
    for (const keyId of ["alias/lane", "1234abcd-12ab-34cd-56ef-1234567890ab", `mrk-${"1a".repeat(16)}`]) {
      const named = { ...VALID, CORRIDOR_LANE_KEYS: `kms:${keyId}` };
      expect(problemOf(named)).to.contain("CORRIDOR_KMS_REGION");
      const there = parseConfig({ ...named, CORRIDOR_KMS_REGION: "us-gov-west-1" });
      expect(there.laneKeys).to.deep.equal([{ kind: "kms", keyId, region: "us-gov-west-1" }]);
    }
  });

  it("sends traces where it is told only", () => {
    expect(parseConfig(VALID).tracing).to.equal(undefined);
    const told = { ...VALID, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", OTEL_TRACES_SAMPLER_ARG: "0.25" };
    expect(parseConfig(told).tracing).to.deep.equal({
      ...{ endpoint: "http://127.0.0.1:4318", serviceName: "corridor-relayer", ratio: 0.25 },
    });
  });

  it("never repeats a key, not even a wrong one", () => {
    const problem = problemOf({ ...VALID, CORRIDOR_LANE_KEYS: `${KEY}22` });
    expect(problem).to.contain("CORRIDOR_LANE_KEYS").and.not.to.contain("1111");
  });
});
