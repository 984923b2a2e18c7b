import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";

import { installKey, isLocalDeployment, isNewEnough, NEEDED, runtimePackage } from "./decisions.mjs";
import { restoreOrder } from "./typechain-order.mjs";

/** A failure that the user can do something about: printed without a stack. */
export class SetupError extends Error {}

/** The Node to run everything with: this one if it is new enough, else one that npm brings, once. */
export function ensureNode(root) {
  if (isNewEnough(process.version)) return process.execPath;
  const name = runtimePackage(process.platform, process.arch);
  if (name === undefined) {
    throw new SetupError(
      `Node ${process.version} is too old and npm carries no newer one for ${process.platform}-${process.arch}. ` +
        `Install Node ${NEEDED.join(".")} or newer.`,
    );
  }
  const folder = join(root, ".cache", name.replace("@", "-"));
  const binary = join(
    folder,
    "node_modules",
    name.split("@")[0],
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (existsSync(binary)) return binary;
  say(`Node ${process.version} is older than ${NEEDED.join(".")}; bringing ${name} (once)`);
  const draft = `${folder}.draft`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, "package.json"), "{}\n");
  npm(process.execPath, ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", name], draft);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  if (spawnSync(binary, ["--version"]).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new SetupError(`${name} does not run on this system. Install Node ${NEEDED.join(".")} or newer.`);
  }
  return binary;
}

/** The environment for everything that is started: `node` means the one above, and nothing asks questions. */
export function toolEnvironment(node) {
  return {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`,
    HARDHAT_DISABLE_TELEMETRY: "true",
    HARDHAT_DISABLE_TELEMETRY_PROMPT: "true",
  };
}

/** Installs the locked dependencies unless exactly these are there. */
export function ensureDependencies(root, node) {
  const stamp = join(root, "node_modules", ".corridor-stamp");
  const nodeMajor = spawnSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" }).stdout.trim();
  const lockfileHash = hash([join(root, "package-lock.json")]);
  const key = installKey({ lockfileHash, platform: process.platform, arch: process.arch, nodeMajor });
  if (read(stamp) === key) return;
  say("Installing the dependencies (npm ci)");
  rmSync(stamp, { force: true });
  npm(node, ["ci", "--include=dev", "--include=optional", "--ignore-scripts", "--no-audit", "--no-fund"], root);
  writeFileSync(stamp, key);
}

/** Compiles the contracts unless exactly these were compiled last; the Solidity tests are left to `npm test`. */
export function ensureBuild(root, node) {
  const stamp = join(root, "artifacts", ".corridor-stamp");
  const sources = [
    ...filesBelow(join(root, "contracts")),
    join(root, "hardhat.config.ts"),
    join(root, "package-lock.json"),
  ];
  const key = hash(sources);
  if (read(stamp) === key && existsSync(join(root, "typechain-types", "index.ts"))) return;
  say("Compiling the contracts");
  const result = spawnSync(
    node,
    [join(root, "node_modules", "hardhat", "dist", "src", "cli.js"), "build", "--no-tests"],
    {
      cwd: root,
      env: toolEnvironment(node),
      encoding: "utf8",
    },
  );
  if (result.status !== 0) throw new SetupError(`${result.stdout}${result.stderr}\nThe contracts do not compile.`);
  restoreOrder(root);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, key);
}

/** Builds the console unless exactly these sources were built last. */
export function ensureConsole(root, node) {
  const stamp = join(root, "web", "dist", ".corridor-stamp");
  const sources = ["deployments", "sdk", "typechain-types", "web"]
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => filesBelow(folder))
    .filter((file) => !file.startsWith(join(root, "web", "dist")))
    .filter((file) => !isLocalDeployment(relative(root, file)))
    .concat(join(root, "package-lock.json"));
  const key = hash(sources);
  if (read(stamp) === key) return;
  say("Building the console");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const result = spawnSync(node, [vite, "build", "-c", join(root, "web", "vite.config.ts")], {
    cwd: root,
    env: toolEnvironment(node),
    encoding: "utf8",
  });
  if (result.status !== 0) throw new SetupError(`${result.stdout}${result.stderr}\nThe console cannot be built.`);
  writeFileSync(stamp, key);
}

function npm(node, args, cwd) {
  const cli = process.env.npm_execpath;
  const env = toolEnvironment(node);
  const options = { cwd, env, stdio: ["ignore", 2, 2] };
  const viaCli = cli !== undefined && /npm-cli\.js$/.test(cli) && existsSync(cli);
  const result = viaCli
    ? spawnSync(node, [cli, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (result.status !== 0) {
    throw new SetupError(
      `npm ${args[0]} failed (see above). It needs a reachable npm registry and the right to write to ${cwd}; then try again.`,
    );
  }
}

function hash(files) {
  const sum = createHash("sha256");
  for (const file of files) sum.update(file).update("\0").update(readFileSync(file)).update("\0");
  return sum.digest("hex");
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function say(text) {
  process.stderr.write(`${text} …\n`);
}
