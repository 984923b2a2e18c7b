import { readFileSync } from "node:fs";

import { AppError } from "./app-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What is the relayer's; the AWS client has settings of its own that end with _FILE. */
const OURS = /^(CORRIDOR_[A-Z0-9_]+|DATABASE_URL)_FILE$/;

/**
 * The environment in which each setting `NAME` that `NAME_FILE` names a file of has that file's text, without the white space
 * around it: a secret in a file shows neither in a process's environment nor in what describes a container.
 * @throws AppError `config_invalid` naming the setting, if both are set or the file cannot be read.
 */
export function withSettingFiles(environment: Environment): Environment {
  const resolved: Record<string, string | undefined> = { ...environment };
  const problems: string[] = [];
  for (const [fileSetting, path] of Object.entries(environment)) {
    if (!OURS.test(fileSetting) || path === undefined || path === "") continue;
    const name = fileSetting.slice(0, -"_FILE".length);
    if ((environment[name] ?? "") !== "") {
      problems.push(`${fileSetting}: expected to be absent, as ${name} is set too`);
      continue;
    }
    try {
      resolved[name] = readFileSync(path, "utf8").trim();
    } catch (error) {
      const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      problems.push(`${fileSetting}: expected the path of a file that can be read${reason}`);
    }
  }
  if (problems.length > 0)
    throw new AppError("config_invalid", `The configuration is invalid.\n  ${problems.join("\n  ")}`);
  return resolved;
}
