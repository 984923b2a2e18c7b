import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { findDebianPostgres } from "../../scripts/postgres/debian-postgres.ts";

describe("the search for Debian's PostgreSQL", () => {
  let root = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "corridor-debian-"));
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function install(version: string, program: string): void {
    mkdirSync(join(root, version, "bin"), { recursive: true });
    writeFileSync(join(root, version, "bin", program), "");
  }

  it("takes the newest server, and no client alone", () => {
    install("9", "initdb");
    install("15", "initdb");
    install("17", "psql");
    expect(findDebianPostgres(root)).to.equal(join(root, "15", "bin"));
  });

  it("finds none where there is none", () => {
    expect(findDebianPostgres(join(root, "nothing"))).to.equal(undefined);
    expect(findDebianPostgres(root)).to.equal(undefined);
  });
});
