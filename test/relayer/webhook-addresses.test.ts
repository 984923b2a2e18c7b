import { randomBytes } from "node:crypto";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import type { LookupAddress } from "node:dns";
import { createServer as createTlsServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { expect } from "chai";

import { AppError } from "../../relayer/app-error.ts";
import { isPublicAddress, urlFault } from "../../relayer/webhooks/address-policy.ts";
import { createPoster, type Resolve } from "../../relayer/webhooks/post.ts";
import { retryDelay, STANDARD_RETRIES_MS } from "../../relayer/webhooks/schedule.ts";
import { newSecret, openSecret, sealSecret } from "../../relayer/webhooks/secret-box.ts";
import { startReceiver } from "./receiver.ts";
import { TEST_CERTIFICATE } from "./test-certificate.ts";

const PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"];
const NOT_PUBLIC = [
  ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...["169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["224.0.0.1", "239.255.255.255", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "203.0.113.5"],
  ...["::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1"],
  ...["fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1"],
  ...["64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "100::1", "5f00::1", "4000::1"],
  ...["", "localhost", "127.1", "8.8.8.8.8"],
];

describe("where messages may be sent", () => {
  for (const address of PUBLIC) {
    it(`takes ${address} for public`, () => {
      expect(isPublicAddress(address)).to.equal(true);
    });
  }
  for (const address of NOT_PUBLIC) {
    it(`does not take ${address === "" ? "nothing" : address} for public`, () => {
      expect(isPublicAddress(address)).to.equal(false);
    });
  }

  for (const [url, allowPrivate, fault] of [
    ["https://shop.example/hooks?a=1", false, undefined],
    ["https://8.8.8.8:8443/", false, undefined],
    ["https://[2606:4700::1111]/", false, undefined],
    ["http://shop.example/", false, "https URL"],
    ["ftp://shop.example/", true, "http(s) URL"],
    ["not a url", true, "http(s) URL"],
    [`https://shop.example/${"x".repeat(2_048)}`, true, "2048"],
    ["https://user:word@shop.example/", true, "without"],
    ["https://127.0.0.1/", false, "public"],
    ["https://0x7f.1/", false, "public"],
    ["https://2130706433/", false, "public"],
    ["https://[::ffff:127.0.0.1]/", false, "public"],
    ["https://169.254.169.254/latest/meta-data", false, "public"],
    ["http://127.0.0.1:8080/", true, undefined],
  ] as const) {
    it(`${fault === undefined ? "takes" : "refuses"} ${url.slice(0, 50)}${allowPrivate ? " where private ones may be" : ""}`, () => {
      if (fault === undefined) expect(urlFault(url, allowPrivate)).to.equal(undefined);
      else expect(urlFault(url, allowPrivate)).to.contain(fault);
    });
  }
});

describe("posting a message", () => {
  const at = (...addresses: string[]): LookupAddress[] =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const resolving =
    (answers: (hostname: string) => LookupAddress[]): Resolve =>
    (hostname, _options, callback) => {
      setImmediate(() => {
        callback(null, answers(hostname));
      });
    };
  const message = (url: string, changes: { trusted?: boolean; timeoutMs?: number } = {}) => ({
    url,
    headers: { "content-type": "application/json" },
    body: '{"type":"endpoint.test"}',
    trusted: changes.trusted ?? false,
    signal: AbortSignal.timeout(changes.timeoutMs ?? 5_000),
  });
  const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : String(error));

  /** Counts who connects, and says nothing. */
  async function listening(): Promise<{ port: number; connections: () => number; close: () => void }> {
    let connections = 0;
    const server = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      port: (server.address() as AddressInfo).port,
      connections: () => connections,
      close: () => server.close(),
    };
  }

  it("connects to nothing that is not public, by name, by number, or by a name among others", async () => {
    const own = await listening();
    const names: Record<string, LookupAddress[]> = {
      "inside.example": at("127.0.0.1"),
      "mapped.example": at("::ffff:127.0.0.1"),
      "mixed.example": at("93.184.216.34", "127.0.0.1"),
    };
    const poster = createPoster(
      false,
      resolving((hostname) => names[hostname] ?? []),
    );
    for (const host of [...Object.keys(names), "127.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "localhost."]) {
      if (host === "localhost.") names[host] = at("127.0.0.1");
      const code = await poster.post(message(`https://${host}:${own.port}/`)).catch(codeOf);
      expect(code, host).to.equal("address_refused");
    }
    expect(await poster.post(message(`http://8.8.8.8:${own.port}/`)).catch(codeOf)).to.equal("address_refused");
    expect(own.connections()).to.equal(0);
    poster.close();
    own.close();
  });

  it("is not misled by a name that changes after it was looked up", async () => {
    const own = await listening();
    let asked = 0;
    const poster = createPoster(
      false,
      resolving(() => {
        asked += 1;
        return at(asked === 1 ? "93.184.216.34" : "127.0.0.1");
      }),
    );
    const url = `https://rebinding.example:${own.port}/`;
    // Nobody answers there; what counts is that the very address that was judged is gone to.
    expect(await poster.post(message(url, { timeoutMs: 300 })).catch(codeOf)).to.not.equal("address_refused");
    expect(asked).to.equal(1);
    expect(await poster.post(message(url)).catch(codeOf)).to.equal("address_refused");
    expect(asked).to.equal(2);
    expect(own.connections()).to.equal(0);
    poster.close();
    own.close();
  });

  it("goes to what the look-up answered, where that may be anything, or the operator says so", async () => {
    const receiver = await startReceiver();
    const port = new URL(receiver.url).port;
    const lookup = resolving(() => at("127.0.0.1"));
    const [anywhere, guarded] = [createPoster(true, lookup), createPoster(false, lookup)];
    const url = `http://shop.example:${port}/hooks`;
    expect(await anywhere.post(message(url))).to.equal(204);
    expect(await guarded.post(message(url, { trusted: true }))).to.equal(204);
    expect(await guarded.post(message(url)).catch(codeOf)).to.equal("address_refused");
    expect(receiver.received).to.have.length(2);
    anywhere.close();
    guarded.close();
    await receiver.close();
  });

  it("checks certificates, and keeps the operator's connections to herself", async () => {
    const server = createTlsServer(TEST_CERTIFICATE, (request, response) => {
      request.resume().on("end", () => response.writeHead(204).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://shop.example:${(server.address() as AddressInfo).port}/`;
    const poster = createPoster(
      false,
      resolving(() => at("127.0.0.1")),
    );
    const trusted = getCACertificates("default");
    try {
      const error: unknown = await poster.post(message(url, { trusted: true })).catch((thrown: unknown) => thrown);
      expect(error).to.have.property("code", "DEPTH_ZERO_SELF_SIGNED_CERT");
      setDefaultCACertificates([...trusted, TEST_CERTIFICATE.cert]);
      expect(await poster.post(message(url, { trusted: true }))).to.equal(204);
      // That connection is open still, and nothing would have to be looked up to use it.
      expect(await poster.post(message(url)).catch(codeOf)).to.equal("address_refused");
    } finally {
      setDefaultCACertificates(trusted);
      poster.close();
      server.closeAllConnections();
      server.close();
    }
  });

  it("follows no redirect, and bounds what it reads and how long it waits", async () => {
    const receiver = await startReceiver();
    const poster = createPoster(true);
    receiver.answer = (response) => response.writeHead(302, { location: receiver.url }).end();
    expect(await poster.post(message(receiver.url))).to.equal(302);
    expect(receiver.received).to.have.length(1);

    let cut = false;
    receiver.answer = (response) => {
      response.on("close", () => (cut = !response.writableFinished));
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", more);
      more();
    };
    expect(await poster.post(message(receiver.url))).to.equal(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(cut).to.equal(true);

    receiver.answer = (response) => {
      response.writeHead(200).write("and so on");
    };
    expect(await poster.post(message(receiver.url, { timeoutMs: 200 }))).to.equal(200);

    receiver.answer = () => undefined;
    const started = Date.now();
    const error = await poster.post(message(receiver.url, { timeoutMs: 200 })).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(Error);
    expect(Date.now() - started).to.be.lessThan(2_000);
    poster.close();
    await receiver.close();
  });

  it("posts again over a new connection if a kept one was just closed", async () => {
    const receiver = await startReceiver();
    const poster = createPoster(true);
    const sockets = new Set<object>();
    receiver.answer = (response) => {
      sockets.add(response.socket ?? {});
      response.writeHead(204).end();
    };
    await poster.post(message(receiver.url));
    await poster.post(message(receiver.url));
    expect(sockets.size).to.equal(1);
    let broken = false;
    receiver.answer = (response) => {
      if (broken) response.writeHead(204).end();
      else response.socket?.resetAndDestroy();
      broken = true;
    };
    expect(await poster.post(message(receiver.url))).to.equal(204);
    poster.close();
    await receiver.close();
  });
});

describe("secrets at rest", () => {
  const [key, other] = [randomBytes(32), randomBytes(32)];

  it("are of 32 bytes, and come back as they were", () => {
    const secret = newSecret();
    expect(Buffer.from(secret.slice("whsec_".length), "base64")).to.have.length(32);
    const sealed = sealSecret(key, "endpoint", secret);
    expect(openSecret(key, "endpoint", sealed)).to.equal(secret);
    expect(sealed.includes(Buffer.from(secret.slice("whsec_".length), "base64"))).to.equal(false);
    expect(sealSecret(key, "endpoint", secret).equals(sealed)).to.equal(false);
  });

  it("are not read under another key, for another endpoint, or changed", () => {
    const sealed = sealSecret(key, "endpoint", newSecret());
    const changed = Buffer.from(sealed);
    changed[20] = (changed[20] ?? 0) ^ 1;
    for (const open of [
      () => openSecret(other, "endpoint", sealed),
      () => openSecret(key, "another", sealed),
      () => openSecret(key, "endpoint", changed),
      () => openSecret(key, "endpoint", sealed.subarray(0, 10)),
    ]) {
      expect(open).to.throw(AppError).with.property("code", "secret_unreadable");
    }
  });
});

describe("the schedule of attempts", () => {
  it("is that of the Standard Webhooks specification, with up to a fifth more", () => {
    const waits = Array.from({ length: 10 }, (_, index) => retryDelay(STANDARD_RETRIES_MS, index + 1, 0));
    expect(waits.map((wait) => (wait === null ? null : wait / 1_000))).to.deep.equal([
      ...[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, null],
    ]);
    expect(retryDelay(STANDARD_RETRIES_MS, 1, 1)).to.equal(6_000);
    expect(retryDelay([], 1, 0.5)).to.equal(null);
  });
});
