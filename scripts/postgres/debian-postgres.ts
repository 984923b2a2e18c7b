import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import pg from "pg";

import { serverUser } from "../../relayer/store/postgres/server-user.ts";

const ROOT = "/usr/lib/postgresql";
const USER = "corridor";
const START_LIMIT_MS = 30_000;

/** The folder of the newest server's programs, as Debian's packages install them; `undefined` if there is none. */
export function findDebianPostgres(root = ROOT): string | undefined {
  if (!existsSync(root)) return undefined;
  return readdirSync(root)
    .filter((version) => existsSync(join(root, version, "bin", "initdb")))
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, "bin"))[0];
}

/**
 * Starts a server with a fresh cluster in a temporary folder, on a free port of 127.0.0.1, as an unprivileged user where this
 * process is root's. Whoever is on this machine may connect, while it runs. `stop` ends it and removes the folder.
 */
export async function startDebianPostgres(binaries: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const user = await serverUser();
  const folder = await mkdtemp(join(tmpdir(), "corridor-external-"));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const options = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" }, ...user };
  const [cluster, port] = [join(folder, "cluster"), await freePort()];
  await promisify(execFile)(
    join(binaries, "initdb"),
    ["-D", cluster, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C"],
    options,
  );
  await writeFile(
    join(cluster, "postgresql.auto.conf"),
    `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${folder}'\n`,
  );
  // A group of its own, so that a terminal's Ctrl-C does not end it before the tests.
  const server = spawn(join(binaries, "postgres"), ["-D", cluster], { ...options, detached: true, stdio: "pipe" });
  let output = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
  const ended = new Promise<void>((resolve) => {
    server.once("close", () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    server.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `postgresql://${USER}@127.0.0.1:${port}/postgres`;
  for (const end = Date.now() + START_LIMIT_MS; !(await answers(url));) {
    if (Date.now() > end || server.exitCode !== null) {
      const tail = output;
      await stop();
      throw new Error(`PostgreSQL of ${binaries} did not start:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  return client
    .connect()
    .then(() => client.query("SELECT 1"))
    .then(
      () => true,
      () => false,
    )
    .finally(() => client.end().catch(() => undefined));
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}
