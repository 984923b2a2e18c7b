import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { removeEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";
import { freePort } from "./local-stack.ts";

describe("npm start", () => {
  let dataFolder = "";

  before(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), "corridor-start-"));
  });

  after(async () => {
    await removeEmbeddedPostgres(dataFolder);
  });

  async function start(
    args: readonly string[],
    onOutput: (text: string, interrupt: () => void) => void = () => undefined,
  ) {
    const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts", ...args], {
      env: { ...process.env, CORRIDOR_DATA_FOLDER: dataFolder, DATABASE_URL: "" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
      onOutput(stdout, () => child.kill("SIGINT"));
    });
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { status, stdout, stderr };
  }

  async function ports(): Promise<string[]> {
    return ["--chain-port", String(await freePort()), "--port", String(await freePort())];
  }

  it("settles every payment, balances and ends, with one object on its last line", async () => {
    const { status, stdout, stderr } = await start(["--once", "--json", "--payments", "60", ...(await ports())]);
    expect(status, stderr).to.equal(0);
    const result = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
    expect(result).to.include({ payments: 60, settled: 60, rejected: 0, balanced: true });
    // Lisbon's customers pay dollars.
    for (const key of ["exchanged", "transactions", "gasUsed", "gasPerPayment", "batches", "seconds"]) {
      expect(result[key], key).to.be.a("number").and.to.be.greaterThan(0);
    }
  });

  it("stays up until it is interrupted, and then stops what it started", async () => {
    const chosen = await ports();
    let interrupted = false;
    const { stdout } = await start(["--payments", "10", ...chosen], (text, interrupt) => {
      if (!interrupted && text.includes("Ctrl-C")) {
        interrupted = true;
        interrupt();
      }
    });
    expect(stdout).to.contain("books").and.to.contain("balance");
    expect(stdout).to.contain("authorization: Bearer ").and.to.contain("/docs");
    expect(stdout).to.contain(`Console: http://127.0.0.1:${chosen[3]}/\n`);
    expect(stdout.match(/\/pay\/[0-9a-f-]{36} /g)).to.have.length(3);
    for (const port of [chosen[1], chosen[3]]) {
      await new Promise<void>((resolve, reject) => {
        const probe = createServer().once("error", reject);
        probe.listen(Number(port), "127.0.0.1", () =>
          probe.close(() => {
            resolve();
          }),
        );
      });
    }
  });

  it("says how out of a taken port", async () => {
    const holder = createServer();
    const port = await new Promise<number>((resolve) => {
      holder.listen(0, "127.0.0.1", () => {
        const address = holder.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const { status, stderr } = await start([
      "--once",
      "--chain-port",
      String(port),
      "--port",
      String(await freePort()),
    ]);
    holder.close();
    expect(status).to.equal(2);
    expect(stderr).to.contain(`Port ${port} is taken`).and.to.contain("--chain-port");
  });

  it("explains a wrong option", async () => {
    expect((await start(["--payments", "many"])).stderr).to.contain("--payments must be a whole number");
    expect((await start(["--nonsense"])).stderr).to.contain("Usage:");
  });
});
