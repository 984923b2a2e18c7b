import { writeFileSync } from "node:fs";

import { openApiDocument } from "../relayer/api/schemas/document.ts";

writeFileSync("docs/openapi.json", `${JSON.stringify(openApiDocument(), null, 2)}\n`);
