import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { type Browser, chromium } from "playwright-core";

import { unpackChromium } from "./unpack-chromium.ts";

const NAMES = ["chromium", "google-chrome", "google-chrome-stable"];
const APPLICATIONS = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
const SYSTEM_FONT_SETTINGS = "/etc/fonts/fonts.conf";

export interface ChromiumLaunch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/**
 * The Chromium that `CORRIDOR_CHROMIUM` names, else the system's, else the one that npm brought, with what it needs to run here.
 * Throws if `CORRIDOR_CHROMIUM` names no program, or if there is none at all.
 */
export async function findChromium(environment: NodeJS.ProcessEnv = process.env): Promise<ChromiumLaunch> {
  const env = definedOnly(environment);
  // Chromium refuses to sandbox itself as root. The pages of tests are our own.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const named = env["CORRIDOR_CHROMIUM"] ?? "";
  if (named !== "") {
    if (!isProgram(named)) throw new Error(`CORRIDOR_CHROMIUM is ${named}, which is no program that may be run`);
    return { executablePath: named, args, env };
  }
  const system = systemPrograms(env["PATH"] ?? "").find(isProgram);
  if (system !== undefined) return { executablePath: system, args, env };
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error("There is no Chromium here. Install Chromium or Chrome, or name one by CORRIDOR_CHROMIUM");
  }
  const unpacked = await unpackChromium();
  if (!existsSync(SYSTEM_FONT_SETTINGS)) env["FONTCONFIG_FILE"] ??= unpacked.fontSettings;
  if (await lacksLibraries(unpacked.executablePath, env)) {
    env["LD_LIBRARY_PATH"] = [unpacked.libraries, env["LD_LIBRARY_PATH"] ?? ""].filter((path) => path !== "").join(":");
  }
  return { executablePath: unpacked.executablePath, args, env };
}

/** Opens the browser of `findChromium`. It ends with this process at the latest. */
export async function openBrowser(environment: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  return chromium.launch(await findChromium(environment));
}

function systemPrograms(path: string): string[] {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...APPLICATIONS];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether the system's linker finds less than the program needs; also where there is no `ldd` to ask. */
async function lacksLibraries(program: string, env: Record<string, string>): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)("ldd", [program], { env });
    return stdout.includes("not found");
  } catch {
    return true;
  }
}

function definedOnly(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
