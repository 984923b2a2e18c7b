// Verifies a receipt without a node: `npm run verify:receipt -- FILE --block-hash 0x…`.
import { readFile } from "node:fs/promises";

import { runVerification } from "./receipts/verification.ts";

const { status, output, complaint } = await runVerification(process.argv.slice(2), (file) => readFile(file, "utf8"));
process.stdout.write(output);
process.stderr.write(complaint);
process.exitCode = status;
