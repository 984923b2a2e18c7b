import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import pg from "pg";

import { AppError } from "../../app-error.ts";
import { type Binaries, completeLinks, copyBinaries, exists, findBinaries } from "./binaries.ts";
import { findPostmaster, isAlive, lastPort, stopPostmaster } from "./postmaster.ts";
import { serverHome, type ServerUser, serverUser } from "./server-user.ts";

export interface EmbeddedPostgres {
  readonly url: string;
  readonly port: number;
  /** Whether it ran already, left over by a process that was killed or shared with one that lives. */
  readonly attached: boolean;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  readonly dataFolder: string;
  readonly database: string;
  /** A free one is picked if it is absent. */
  readonly port?: number;
}

const START_LIMIT_MS = 60_000;
const USER = "corridor";

/**
 * A real PostgreSQL server on 127.0.0.1 with its files in `dataFolder` (for root, in a folder of the unprivileged user
 * that it runs as). It outlives a crash of the process that started it; the next start attaches to it.
 * @throws AppError `port_taken`, `postgres_start_failed`, `postgres_missing`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = await prepare(resolve(options.dataFolder));
  const unlock = await lock(place.home);
  try {
    // A server that was found may be on its way out, killed a moment ago: then another one is started. One that was started
    // ends at once while processes of a killed one still hold its memory: then it is tried again.
    for (const end = Date.now() + START_LIMIT_MS; ;) {
      const started = await attachOrLaunch(place, options);
      if (started !== undefined) return started;
      if (Date.now() > end) throw await startFailed(place, undefined);
      await new Promise((wait) => setTimeout(wait, 100));
    }
  } finally {
    await unlock();
  }
}

/** @returns undefined if the server that was found, or started, ended before it answered. */
async function attachOrLaunch(place: Place, options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres | undefined> {
  const running = await findPostmaster(place.cluster);
  const port = running?.port ?? (await choosePort(options.port).catch(unlessLeftOver(place, options.port)));
  if (port === undefined) return undefined;
  let hasEnded = (): boolean => false;
  if (running === undefined) {
    await initialise(place);
    hasEnded = await launch(place, port);
  }
  const password = await readFile(place.passwordFile, "utf8");
  const url = (database: string): string => `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;
  const isGone = async () =>
    running === undefined ? hasEnded() : (await findPostmaster(place.cluster))?.pid !== running.pid;
  if (!(await waitUntilReady(url("postgres"), place, isGone))) return undefined;
  await createDatabase(url("postgres"), options.database);
  return {
    url: url(options.database),
    port,
    attached: running !== undefined,
    stop: () => stopPostmaster(place.cluster),
  };
}

/** Stops the server of this folder and deletes the folder with every file of the server, wherever it is. */
export async function removeEmbeddedPostgres(dataFolder: string): Promise<void> {
  const { home, user } = await locate(resolve(dataFolder));
  await stopPostmaster(join(home, "cluster"));
  await rm(user === undefined ? home : dirname(home), { recursive: true, force: true });
  await rm(dataFolder, { recursive: true, force: true });
}

interface Place {
  readonly home: string;
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
}

async function locate(dataFolder: string): Promise<{ home: string; user: ServerUser | undefined }> {
  const user = await serverUser();
  if (user !== undefined) return { home: await serverHome(user, dataFolder), user };
  const home = join(dataFolder, "postgres");
  await mkdir(home, { recursive: true, mode: 0o700 });
  return { home, user };
}

async function prepare(dataFolder: string): Promise<Place> {
  const { home, user } = await locate(dataFolder);
  let binaries = await findBinaries();
  await completeLinks(binaries);
  if (user !== undefined) binaries = await copyBinaries(binaries, resolve(home, "..", ".."));
  return {
    home,
    user,
    binaries,
    cluster: join(home, "cluster"),
    passwordFile: join(home, "password"),
    logFile: join(home, "server.log"),
  };
}

/** One start at a time in a folder. The lock of a dead process is taken over. */
async function lock(home: string): Promise<() => Promise<void>> {
  const file = join(home, "starting.pid");
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      const handle = await open(file, "wx");
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = Number(await readFile(file, "utf8").catch(() => ""));
      if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
      if (Date.now() > end)
        throw new AppError("postgres_busy", `Another process has been starting PostgreSQL: ${file}`);
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
}

/** Makes the cluster under another name and renames it, so that one that was cut off half-way is never used. */
async function initialise(place: Place): Promise<void> {
  if (await exists(place.cluster)) return;
  const draft = await mkdtemp(join(place.home, "init-"));
  const password = randomBytes(24).toString("hex");
  const draftPassword = join(draft, "password");
  await writeFile(draftPassword, password, { mode: 0o600 });
  if (place.user !== undefined) {
    await chown(draft, place.user.uid, place.user.gid);
    await chown(draftPassword, place.user.uid, place.user.gid);
  }
  await promisify(execFile)(
    place.binaries.initdb,
    [
      `--pgdata=${join(draft, "cluster")}`,
      `--username=${USER}`,
      `--pwfile=${draftPassword}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
    ],
    { cwd: draft, ...place.user, env: serverEnvironment() },
  ).catch((cause: unknown) => {
    throw new AppError("postgres_start_failed", "initdb could not make the database cluster.", { cause });
  });
  await rename(draftPassword, place.passwordFile);
  await rename(join(draft, "cluster"), place.cluster);
  await rm(draft, { recursive: true, force: true });
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
}

/**
 * Detached and with a log file of its own: it must survive this process, and a Ctrl-C that is meant for it.
 * @returns what tells whether it has ended.
 */
async function launch(place: Place, port: number): Promise<() => boolean> {
  const log = await open(place.logFile, "a", 0o600);
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=100",
    "shared_buffers=512MB",
    // Short statements all: compiling one costs more than it saves.
    "jit=off",
    // Nobody replicates from here, and checkpoints come by size rather than often.
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=2GB",
    "checkpoint_timeout=15min",
    "fsync=on",
    "synchronous_commit=on",
  ];
  const server = spawn(
    place.binaries.postgres,
    ["-D", place.cluster, ...settings.flatMap((setting) => ["-c", setting])],
    { cwd: place.home, detached: true, stdio: ["ignore", log.fd, log.fd], env: serverEnvironment(), ...place.user },
  );
  await new Promise<void>((started, failed) => {
    server.once("spawn", started);
    server.once("error", failed);
  });
  server.unref();
  await log.close();
  return () => server.exitCode !== null || server.signalCode !== null;
}

/** Processes of a server that was killed may hold its port for a moment: then the start is tried again. */
function unlessLeftOver(place: Place, wanted: number | undefined) {
  return async (error: unknown): Promise<undefined> => {
    if (wanted === undefined || (await lastPort(place.cluster)) !== wanted) throw error;
    return undefined;
  };
}

async function choosePort(wanted: number | undefined): Promise<number> {
  return new Promise((chosen, failed) => {
    const probe = createServer();
    probe.once("error", (cause: NodeJS.ErrnoException) => {
      failed(
        cause.code === "EADDRINUSE"
          ? new AppError(
              "port_taken",
              `Port ${wanted} for PostgreSQL is taken. Set CORRIDOR_POSTGRES_PORT to another, or to 0 for any free one.`,
              { cause },
            )
          : cause,
      );
    });
    probe.listen(wanted ?? 0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        chosen(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

/** @returns false if the server is gone. @throws AppError `postgres_start_failed` after the limit. */
async function waitUntilReady(url: string, place: Place, isGone: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + START_LIMIT_MS;
  let cause: unknown;
  while (Date.now() < end) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
      await client.end();
      return true;
    } catch (error) {
      cause = error;
      await client.end().catch(() => undefined);
    }
    if (await isGone()) return false;
    await new Promise((wait) => setTimeout(wait, 50));
  }
  throw await startFailed(place, cause);
}

async function startFailed(place: Place, cause: unknown): Promise<AppError> {
  const log = (await readFile(place.logFile, "utf8").catch(() => "")).split("\n").slice(-12).join("\n");
  return new AppError("postgres_start_failed", `PostgreSQL does not answer. Its log ends with:\n${log}`, { cause });
}

async function createDatabase(url: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}
