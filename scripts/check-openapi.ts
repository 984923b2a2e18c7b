import { readFileSync } from "node:fs";

import { openApiDocument } from "../relayer/api/schemas/document.ts";

// The committed description must be the one that the relayer serves.
if (readFileSync("docs/openapi.json", "utf8") !== `${JSON.stringify(openApiDocument(), null, 2)}\n`) {
  process.stdout.write("docs/openapi.json is stale; run `npm run openapi` and commit what it wrote\n");
  process.exitCode = 1;
}
