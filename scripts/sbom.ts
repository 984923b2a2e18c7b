import { globSync, readFileSync, writeFileSync } from "node:fs";

import { schemaErrors } from "./analysis/bom-schema.ts";
import { billOf } from "./analysis/bom.ts";
import { readPolicy } from "./analysis/dependency-policy.ts";
import { parseLockfile } from "./analysis/lockfile.ts";

/**
 * Writes the bill of materials, CycloneDX 1.6, to the file given or `corridor.cdx.json`. It is the same on any machine, and
 * has a time only if SOURCE_DATE_EPOCH gives one. Fails without writing if it goes against the schema.
 */
const [file = "corridor.cdx.json"] = process.argv.slice(2);
const packages = parseLockfile(readFileSync("package-lock.json", "utf8"));
const epoch = process.env.SOURCE_DATE_EPOCH;
if (epoch !== undefined && !/^\d{1,11}$/.test(epoch)) throw new Error("SOURCE_DATE_EPOCH is no number of seconds");

const bill = billOf({
  packages,
  bundled: bundledPackages(Object.keys(packages[""]?.devDependencies ?? {})),
  undeclared: readPolicy().undeclared,
  ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
});
const errors = schemaErrors(bill);
for (const error of errors) process.stdout.write(`${error}\n`);
if (errors.length === 0) {
  writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
  process.stdout.write(`${file}: ${Object.keys(packages).length - 1} places in the lockfile, valid by CycloneDX 1.6\n`);
}
process.exitCode = errors.length === 0 ? 0 : 1;

/** Which of `names` the console or the contracts import: their code is delivered. */
function bundledPackages(names: readonly string[]): string[] {
  const files = [
    ...globSync("web/**/*.{ts,tsx}").filter((path) => path !== "web/vite.config.ts" && !path.startsWith("web/dist")),
    ...globSync("contracts/**/*.sol"),
  ];
  const imported = new Set(
    files.flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^".][^"]*)"/g)].map(([, name = ""]) => name),
    ),
  );
  return names.filter((name) => [...imported].some((path) => path === name || path.startsWith(`${name}/`)));
}
