import { createHash } from "node:crypto";
import { chown, lstat, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "../../app-error.ts";
import { isExisting } from "./binaries.ts";

/** The user that the server runs as, where that is not the user who starts it. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` where there is one, else as `nobody`. */
export async function serverUser(): Promise<ServerUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const entry = lines.find((fields) => fields[0] === name);
    if (entry?.[2] !== undefined && entry[3] !== undefined) {
      return { uid: Number(entry[2]), gid: Number(entry[3]) };
    }
  }
  throw new AppError(
    "postgres_user_missing",
    "PostgreSQL does not run as root, and there is neither a user postgres nor nobody. Start as an ordinary user, or set DATABASE_URL.",
  );
}

/**
 * A folder that `user` can reach and nobody else can have planted: the project's own may be closed to it. Under
 * `/var/lib`, where only root can make folders.
 */
export async function serverHome(user: ServerUser, dataFolder: string): Promise<string> {
  const key = createHash("sha256").update(dataFolder).digest("hex").slice(0, 16);
  let folder = "/var/lib/corridor";
  for (const part of ["", key]) {
    folder = join(folder, part);
    await mkdir(folder, { mode: 0o755 }).catch((error: unknown) => {
      if (!isExisting(error)) throw error;
    });
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
      throw new AppError("postgres_folder_unsafe", `${folder} must be a folder that only root can write to.`);
    }
  }
  const home = join(folder, "server");
  await mkdir(home, { mode: 0o700 }).catch((error: unknown) => {
    if (!isExisting(error)) throw error;
  });
  await chown(home, user.uid, user.gid);
  return home;
}
