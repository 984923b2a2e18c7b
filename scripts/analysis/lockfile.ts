import { z } from "zod";

const names = z.record(z.string(), z.string()).default({});

const lockedSchema = z.object({
  /** Only where a package is installed under another name than its own. */
  name: z.string().optional(),
  version: z.string().optional(),
  license: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().default(false),
  optional: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  deprecated: z.string().optional(),
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

/** A package as npm's lockfile has it. */
export type Locked = z.infer<typeof lockedSchema>;

/** npm's lockfile, version 3: packages by their place, the project itself at `""`. Source: docs.npmjs.com, package-lock.json. */
const lockfileSchema = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), lockedSchema) });

export type Packages = Readonly<Record<string, Locked>>;

/** The packages of a lockfile. @throws ZodError if it is of another version or shape. */
export function parseLockfile(text: string): Packages {
  return lockfileSchema.parse(JSON.parse(text)).packages;
}

/** The name of the package at a place: `node_modules/a/node_modules/@b/c` is `@b/c`, unless the lockfile says otherwise. */
export function nameAt(packages: Packages, place: string): string {
  const own = packages[place]?.name;
  return own ?? place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** The place that `name` leads to from a package at `from`, as Node looks for it; `undefined` if it is not locked. */
export function placeOf(packages: Packages, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const place = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in packages) return place;
    if (folder === "") return undefined;
  }
}

/** What a package brings with it, by place. Peers count where they are there. */
export function broughtBy(packages: Packages, place: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = packages[place] ?? lockedSchema.parse({});
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }).flatMap(
    (name) => placeOf(packages, place, name) ?? [],
  );
}
