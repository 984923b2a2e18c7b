import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * TypeChain lists contracts in the order in which the file system and the compiler happened to give them. Where nothing
 * but that order differs from what is committed, the committed file is put back, so that a build leaves no change behind.
 * @param {string} root
 */
export function restoreOrder(root) {
  const git = (/** @type {string[]} */ ...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const changed = git("diff", "--name-only", "--diff-filter=M", "--", "typechain-types");
  if (changed.status !== 0) return;
  for (const file of changed.stdout.split("\n").filter((name) => name !== "")) {
    const committed = git("show", `:${file}`).stdout;
    if (sorted(committed) === sorted(readFileSync(join(root, file), "utf8"))) git("checkout", "--", file);
  }
}

/** @param {string} text */
function sorted(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .sort()
    .join("\n");
}
