import { expect } from "chai";

import { createLog, secretsOf, withoutSecrets } from "../../relayer/log.ts";

const KEY = "ab".repeat(32);
const ENVIRONMENT = {
  CORRIDOR_LANE_KEYS: `0x${KEY}, kms:alias/lane-key`,
  CORRIDOR_WEBHOOK_SECRET: `whsec_${"A".repeat(32)}`,
  CORRIDOR_RPC_URL: "https://node.example/v3/0123456789abcdef0123?token=tok3n-of-the-node",
  DATABASE_URL: "postgresql://corridor:p%40ss%20word@db.example:5432/corridor",
  AWS_SECRET_ACCESS_KEY: "aws/secret+key",
  OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer trace-token",
  CORRIDOR_LEDGER: "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512",
  CORRIDOR_DATABASE_NAME: "corridor_live",
  SOMEBODY_ELSES_KEY: "elsewhere",
};

describe("the log", () => {
  const lines: string[] = [];
  const log = createLog({ logLevel: "trace" }, ENVIRONMENT, { write: (line) => lines.push(line) });

  it("has none of the configuration's secrets in it, in whichever place, form or case they come", () => {
    const secrets = [KEY, "A".repeat(32), "0123456789abcdef0123", "tok3n-of-the-node", "p@ss word", "p%40ss%20word"];
    secrets.push("aws/secret+key", "trace-token");
    const error = new Error(`no answer from ${ENVIRONMENT.CORRIDOR_RPC_URL}`, {
      cause: { url: ENVIRONMENT.DATABASE_URL },
    });
    log.error({ err: error, config: ENVIRONMENT }, `key 0x${KEY.toUpperCase()}`);
    log.info(ENVIRONMENT);
    for (const secret of secrets) {
      log.warn({ nested: { secret: [secret, { secret }] }, [secret]: 1 }, `said ${secret}`);
    }
    const text = lines.join("");
    for (const secret of secrets) expect(text.toLowerCase(), secret).not.to.contain(secret.toLowerCase());
    expect(text).to.contain("[secret]");
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.to.throw();
  });

  it("keeps what is no secret", () => {
    lines.length = 0;
    log.info({ ledger: ENVIRONMENT.CORRIDOR_LEDGER, name: "corridor_live", key: "alias/lane-key" }, "elsewhere");
    for (const part of [ENVIRONMENT.CORRIDOR_LEDGER, "corridor_live", "alias/lane-key", "elsewhere"]) {
      expect(lines[0]).to.contain(part);
    }
    expect(secretsOf({})).to.deep.equal([]);
    expect(secretsOf({ CORRIDOR_X_SECRET: "short" })).to.deep.equal([]);
    expect(withoutSecrets("a.b", ["a+b"])).to.equal("a.b");
  });
});
