import { expect } from "chai";

import { schemaErrors } from "../../scripts/analysis/bom-schema.ts";
import { type BomInput, billOf } from "../../scripts/analysis/bom.ts";
import { parseLockfile } from "../../scripts/analysis/lockfile.ts";

const INTEGRITY = `sha512-${"A".repeat(86)}==`;

function locked(version: string, rest: object = {}): object {
  return { version, integrity: INTEGRITY, license: "MIT", ...rest };
}

const PACKAGES = parseLockfile(
  JSON.stringify({
    lockfileVersion: 3,
    packages: {
      "": {
        version: "0.1.0",
        license: "MIT",
        dependencies: { relay: "1.0.0" },
        devDependencies: { "@scope/bundled": "1.0.0", tester: "1.0.0" },
      },
      "node_modules/relay": locked("1.0.0", { dependencies: { shared: "^1", alias: "^3" } }),
      "node_modules/shared": locked("2.0.0"),
      "node_modules/relay/node_modules/shared": locked("1.0.0", { license: "MIT OR Apache-2.0" }),
      "node_modules/alias": locked("3.0.0", { name: "@scope/own", optional: true }),
      "node_modules/@scope/bundled": locked("1.0.0", { license: undefined }),
      "node_modules/tester": locked("1.0.0", { dependencies: { shared: "^2" } }),
    },
  }),
);
const INPUT: BomInput = {
  packages: PACKAGES,
  bundled: ["@scope/bundled"],
  undeclared: { "@scope/bundled": { licence: "ISC" } },
};

interface Bill {
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly { readonly purl: string; readonly scope: string; readonly licenses: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

function made(input: Partial<BomInput> = {}): Bill {
  return billOf({ ...INPUT, ...input }) as Bill;
}

describe("the bill of materials", () => {
  it("is valid by CycloneDX's schema, which takes not just anything", () => {
    expect(schemaErrors(made())).to.deep.equal([]);
    expect(schemaErrors(made({ epoch: 1_795_900_000 }))).to.deep.equal([]);
    expect(schemaErrors({ ...made(), bomFormat: "Other" })).to.not.deep.equal([]);
    const [first] = made().components;
    expect(schemaErrors({ ...made(), components: [{ ...first, scope: "maybe" }] })).to.not.deep.equal([]);
  });

  it("says of each package whether its code is delivered", () => {
    expect(Object.fromEntries(made().components.map(({ purl, scope }) => [purl, scope]))).to.deep.equal({
      "pkg:npm/%40scope/bundled@1.0.0": "required",
      "pkg:npm/%40scope/own@3.0.0": "optional",
      "pkg:npm/relay@1.0.0": "required",
      "pkg:npm/shared@1.0.0": "required",
      "pkg:npm/shared@2.0.0": "excluded",
      "pkg:npm/tester@1.0.0": "excluded",
    });
  });

  it("leads each dependency to the version that Node would load", () => {
    const edges = Object.fromEntries(made().dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    expect(edges["pkg:npm/relay@1.0.0"]).to.deep.equal(["pkg:npm/%40scope/own@3.0.0", "pkg:npm/shared@1.0.0"]);
    expect(edges["pkg:npm/tester@1.0.0"]).to.deep.equal(["pkg:npm/shared@2.0.0"]);
    expect(edges["pkg:npm/corridor@0.1.0"]).to.have.length(3);
  });

  it("tells licences that are declared from those that were concluded", () => {
    const licences = Object.fromEntries(made().components.map(({ purl, licenses }) => [purl, licenses]));
    expect(licences["pkg:npm/shared@1.0.0"]).to.deep.equal([
      { expression: "MIT OR Apache-2.0", acknowledgement: "declared" },
    ]);
    expect(licences["pkg:npm/%40scope/bundled@1.0.0"]).to.deep.equal([
      { license: { id: "ISC", acknowledgement: "concluded" } },
    ]);
  });

  it("is the same whenever it is made, and another of other packages", () => {
    expect(made()).to.deep.equal(made());
    expect(made().metadata.timestamp).to.equal(undefined);
    expect(made({ epoch: 0 }).metadata.timestamp).to.equal("1970-01-01T00:00:00.000Z");
    expect(made({ bundled: [] }))
      .to.have.property("serialNumber")
      .that.is.not.equal(Reflect.get(made(), "serialNumber"));
  });
});
