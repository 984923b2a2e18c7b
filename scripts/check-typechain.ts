import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

import { restoreOrder } from "./bootstrap/typechain-order.mjs";

// The output must be what the contracts make, and nothing that they made once.
rmSync("typechain-types", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/hardhat/dist/src/cli.js", "build", "--force", "--no-tests", "--quiet"], {
  stdio: ["ignore", "ignore", "inherit"],
});
restoreOrder(".");
const changes = execFileSync("git", ["status", "--porcelain", "--", "typechain-types"], { encoding: "utf8" });
if (changes !== "") {
  process.stdout.write(`typechain-types/ is stale; commit what the build made:\n${changes}`);
  process.exitCode = 1;
}
