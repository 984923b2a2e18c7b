import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Lines of contracts/ (mocks aside) that the Solidity tests must reach. */
const BAR = 95;

const run = spawnSync(process.execPath, ["node_modules/hardhat/dist/src/cli.js", "test", "solidity", "--coverage"], {
  stdio: "inherit",
});
if (run.status !== 0) process.exit(run.status ?? 1);

let found = 0;
let hit = 0;
for (const line of readFileSync("coverage/lcov.info", "utf8").split("\n")) {
  if (line.startsWith("LF:")) found += Number(line.slice(3));
  if (line.startsWith("LH:")) hit += Number(line.slice(3));
}
const percent = found === 0 ? 0 : (hit / found) * 100;
process.stdout.write(`${hit} of ${found} lines of contracts/ are covered: ${percent.toFixed(2)} % (bar: ${BAR} %)\n`);
process.exitCode = percent >= BAR ? 0 : 1;
