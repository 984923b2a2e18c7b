import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { AppError } from "../../relayer/app-error.ts";
import { secretsOf } from "../../relayer/log.ts";
import { withSettingFiles } from "../../relayer/setting-files.ts";

const KEY = `0x${"2f".repeat(32)}`;

function problemOf(environment: Record<string, string>): string {
  try {
    withSettingFiles(environment);
  } catch (error) {
    if (error instanceof AppError && error.code === "config_invalid") return error.message;
    throw error;
  }
  return "";
}

describe("settings in files", () => {
  let folder = "";

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "corridor-settings-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it("takes a setting from the file that is named, without the end of its line", async () => {
    const found = withSettingFiles({
      CORRIDOR_LANE_KEYS_FILE: await file("lanes", `${KEY}\n`),
      DATABASE_URL_FILE: await file("url", "postgresql://corridor:secret-word@db/corridor\n"),
      CORRIDOR_PORT: "0",
    });
    expect(found).to.include({ CORRIDOR_LANE_KEYS: KEY, CORRIDOR_PORT: "0" });
    expect(found.DATABASE_URL).to.equal("postgresql://corridor:secret-word@db/corridor");
  });

  it("keeps what files say out of the log as what the environment says", async () => {
    const found = withSettingFiles({ CORRIDOR_LANE_KEYS_FILE: await file("lanes", KEY) });
    expect(secretsOf(found)).to.include(KEY);
  });

  it("takes an empty file, and a file that is not named, for a setting that is absent", async () => {
    const found = withSettingFiles({
      CORRIDOR_RECEIPT_KEY_FILE: await file("none", "\n"),
      CORRIDOR_RECORD_KEYS_FILE: "",
    });
    expect(found.CORRIDOR_RECEIPT_KEY).to.equal("");
    expect(found.CORRIDOR_RECORD_KEYS).to.equal(undefined);
  });

  it("refuses a setting that is there twice, and a file that is not, and tells neither's text", async () => {
    const twice = problemOf({ CORRIDOR_LANE_KEYS: KEY, CORRIDOR_LANE_KEYS_FILE: await file("lanes", KEY) });
    expect(twice).to.contain("CORRIDOR_LANE_KEYS_FILE").and.not.to.contain(KEY);
    expect(problemOf({ DATABASE_URL_FILE: join(folder, "gone") }))
      .to.contain("DATABASE_URL_FILE")
      .and.contain("ENOENT");
  });

  it("leaves to others what is theirs", () => {
    const theirs = { AWS_WEB_IDENTITY_TOKEN_FILE: "/does/not/exist", SSL_CERT_FILE: "/does/not/exist" };
    expect(withSettingFiles(theirs)).to.deep.equal(theirs);
  });
});
