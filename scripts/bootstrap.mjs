// Sets up what a command needs, then runs it: `node scripts/bootstrap.mjs <command> [arguments]`.
// Runs on any Node from 18 up, with nothing installed. Says what it does on standard error only.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { COMMANDS } from "./bootstrap/commands.mjs";
import { withLock } from "./bootstrap/lock.mjs";
import {
  ensureBuild,
  ensureConsole,
  ensureDependencies,
  ensureNode,
  SetupError,
  toolEnvironment,
} from "./bootstrap/toolchain.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [name = "", ...rest] = process.argv.slice(2);
const command = COMMANDS[name];

if (command === undefined) {
  process.stderr.write(`Unknown command ${name}. There are: ${Object.keys(COMMANDS).join(", ")}\n`);
  process.exit(2);
}

try {
  const node = await withLock(join(root, ".cache", "bootstrap.lock"), () => {
    const found = ensureNode(root);
    ensureDependencies(root, found);
    if (command.build === true) ensureBuild(root, found);
    if (command.console === true) ensureConsole(root, found);
    return found;
  });
  run(node);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

function run(node) {
  const options = { cwd: root, stdio: "inherit", env: toolEnvironment(node) };
  const child =
    command.script === undefined
      ? spawn(join(root, "node_modules", ".bin", command.bin), [...command.args, ...rest], {
          ...options,
          shell: process.platform === "win32",
        })
      : spawn(node, ["--import", "tsx", command.script, ...rest], options);
  // The child decides when it is done; a terminal's Ctrl-C reaches it by itself.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGTERM"));
  child.on("error", (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}
