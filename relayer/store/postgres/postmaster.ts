import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A running server, as its own `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

/** The live server of this cluster. A file left behind by a dead one, or a pid that is another program's, is none. */
export async function findPostmaster(cluster: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return undefined;
  if (!isAlive(pid) || !(await servesCluster(pid, cluster))) return undefined;
  return { pid, port };
}

/** The port of the server that served this cluster last, whether it lives or was killed. */
export async function lastPort(cluster: string): Promise<number | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "");
  const port = Number(text.split("\n")[3]);
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Where the system shows command lines, the pid must be a server of this very cluster. */
async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== "linux") return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.split("\0").includes(cluster);
}

/** Asks for a fast shutdown and waits for the end; after `limitMs` it stops without ceremony, which WAL recovers from. */
export async function stopPostmaster(cluster: string, limitMs = 20_000): Promise<void> {
  const postmaster = await findPostmaster(cluster);
  if (postmaster === undefined) return;
  process.kill(postmaster.pid, "SIGINT");
  const end = Date.now() + limitMs;
  let asked = false;
  while ((await findPostmaster(cluster)) !== undefined) {
    if (Date.now() > end && !asked) {
      process.kill(postmaster.pid, "SIGQUIT");
      asked = true;
    }
    if (Date.now() > end + 10_000) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
