import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import Ajv from "ajv";

/**
 * What of a bill goes against CycloneDX 1.6's JSON schema, which the package `@cyclonedx/cyclonedx-library` brings; nothing if it
 * is valid.
 */
export function schemaErrors(bill: object): string[] {
  const home = dirname(createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json"));
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(home, "res", "schema", `${name}.SNAPSHOT.schema.json`), "utf8")) as object;
  // Formats of IRIs and internationalized mail addresses are not known to it; nothing here has any.
  const ajv = new Ajv({ allErrors: true, unknownFormats: "ignore", logger: false });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(read("bom-1.6"));
  if (validate(bill) === true) return [];
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}
