import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Why an analysis cannot be run here, where that is nobody's fault: no Python, or no registry. */
export class CannotRun extends Error {}

/** What slither-analyzer and crytic-compile ask for. */
export function isUsablePython(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return major === 3 && minor >= 10 && !(minor === 12 && patch === 0);
}

/** What pip says where it reached no registry, or one that has nothing. A hash that does not match is none of these. */
const UNREACHED =
  /NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|\(from versions: none\)|HTTP error (403|404|407|5\d\d)/;

/** Whether pip failed since it reached no registry. */
export function isUnreached(pipOutput: string): boolean {
  return !pipOutput.includes("DO NOT MATCH THE HASHES") && UNREACHED.test(pipOutput);
}

/**
 * A Python with exactly the packages of `requirements`, by their hashes, in a virtual environment that is kept in `folder`.
 * Nothing is compiled: where a package has no wheel for this system, that is a failure.
 * @returns The path of its interpreter.
 * @throws CannotRun without Python, without its module `venv`, or without a registry; Error if pip fails otherwise.
 */
export function ensureEnvironment(folder: string, requirements: string): string {
  const { command, version } = findPython();
  const interpreter =
    process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
  const stamp = join(folder, ".corridor-stamp");
  const key = createHash("sha256").update(readFileSync(requirements)).update(version).digest("hex");
  if (existsSync(interpreter) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return interpreter;

  process.stderr.write(`Installing ${requirements} for Python ${version} (once)\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const made = spawnSync(command, ["-m", "venv", folder], { encoding: "utf8" });
  if (made.status !== 0)
    throw new CannotRun(`Python ${version} cannot make a virtual environment: ${made.stdout}${made.stderr}`);
  const pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"];
  const locked = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", requirements];
  const installed = spawnSync(interpreter, [...pip, ...locked], { encoding: "utf8" });
  if (installed.status !== 0) {
    const output = `${installed.stdout}${installed.stderr}`;
    const failure = `pip could not install ${requirements}:\n${output}`;
    throw isUnreached(output) ? new CannotRun(`No Python packages can be had here. ${failure}`) : new Error(failure);
  }
  writeFileSync(stamp, key);
  return interpreter;
}

function findPython(): { command: string; version: string } {
  const seen: string[] = [];
  for (const command of ["python3", "python"]) {
    const { status, stdout } = spawnSync(command, ["-c", "import platform; print(platform.python_version())"], {
      encoding: "utf8",
    });
    if (status !== 0) continue;
    const version = stdout.trim();
    if (isUsablePython(version)) return { command, version };
    seen.push(version);
  }
  throw new CannotRun(
    `There is no Python from 3.10 up (3.12.0 apart)${seen.length === 0 ? "" : `, only ${seen.join(" and ")}`}.`,
  );
}
