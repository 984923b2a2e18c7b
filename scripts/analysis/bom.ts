import { createHash } from "node:crypto";

import { broughtBy, type Locked, nameAt, type Packages, placeOf } from "./lockfile.ts";

/** What a bill of materials is made of. */
export interface BomInput {
  readonly packages: Packages;
  /** Development dependencies whose code is delivered all the same: bundled into the console, or compiled into contracts. */
  readonly bundled: readonly string[];
  /** Licences of packages that declare none, by name. */
  readonly undeclared: Readonly<Record<string, { readonly licence: string }>>;
  /** {s} since 1970, when it is told; a bill without a time is the same whenever it is made. */
  readonly epoch?: number;
}

type Scope = "required" | "optional" | "excluded";

/**
 * A CycloneDX 1.6 bill of what a lockfile has, made of it alone: the same input gives the same bytes on any machine. A component
 * is `required` if its code is delivered, `optional` if it is, on some systems, and `excluded` if it only builds or tests.
 * Source: https://cyclonedx.org/docs/1.6/json/
 */
export function billOf({ packages, bundled, undeclared, epoch }: BomInput): object {
  const root = packages[""];
  if (root?.version === undefined) throw new Error("The lockfile does not say what project it is of");
  const delivered = closure(packages, [
    ...Object.keys({ ...root.dependencies, ...root.optionalDependencies }),
    ...bundled,
  ]);
  const rootRef = `pkg:npm/corridor@${root.version}`;
  const components = new Map<string, { scope: Scope; [key: string]: unknown }>();
  const edges = new Map<string, Set<string>>([
    [
      rootRef,
      refsOf(
        packages,
        Object.keys({ ...root.dependencies, ...root.devDependencies, ...root.optionalDependencies }),
        "",
      ),
    ],
  ]);

  for (const [place, locked] of Object.entries(packages)) {
    if (place === "") continue;
    const name = nameAt(packages, place);
    const ref = purlOf(name, locked);
    const scope = !delivered.has(place) ? "excluded" : locked.optional ? "optional" : "required";
    const known = components.get(ref);
    // The same version may be in several places: it is delivered if it is so in any.
    if (known === undefined) components.set(ref, componentOf(name, locked, scope, undeclared[name]?.licence));
    else if (rank(scope) < rank(known.scope)) known.scope = scope;
    const targets = edges.get(ref) ?? new Set<string>();
    for (const target of broughtBy(packages, place)) targets.add(refAt(packages, target));
    edges.set(ref, targets);
  }

  const bill = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      ...(epoch === undefined ? {} : { timestamp: new Date(epoch * 1_000).toISOString() }),
      lifecycles: [{ phase: "build" }],
      component: {
        type: "application",
        "bom-ref": rootRef,
        name: "corridor",
        version: root.version,
        licenses: [{ license: { id: root.license ?? "MIT" } }],
        purl: rootRef,
      },
    },
    components: [...components].sort(([a], [b]) => order(a, b)).map(([, component]) => component),
    dependencies: [...edges]
      .sort(([a], [b]) => order(a, b))
      .map(([ref, targets]) => ({ ref, dependsOn: [...targets].sort(order) })),
  };
  return { ...bill, serialNumber: serialOf(JSON.stringify(bill)) };
}

function componentOf(name: string, locked: Locked, scope: Scope, concluded: string | undefined) {
  const slash = name.indexOf("/");
  const ref = purlOf(name, locked);
  return {
    type: "library",
    "bom-ref": ref,
    ...(slash === -1 ? {} : { group: name.slice(0, slash) }),
    name: name.slice(slash + 1),
    version: locked.version ?? "",
    scope,
    ...(locked.integrity === undefined ? {} : { hashes: [{ alg: "SHA-512", content: hexOf(locked.integrity) }] }),
    ...licensesOf(locked.license, concluded),
    purl: ref,
  };
}

function licensesOf(declared: string | undefined, concluded: string | undefined): object {
  const licence = declared ?? concluded;
  if (licence === undefined) return {};
  const acknowledgement = declared === undefined ? "concluded" : "declared";
  return / (OR|AND|WITH) /.test(licence)
    ? { licenses: [{ expression: licence, acknowledgement }] }
    : { licenses: [{ license: { id: licence, acknowledgement } }] };
}

/** Everything that `names` bring to the project, by place. */
function closure(packages: Packages, names: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const next = names.flatMap((name) => placeOf(packages, "", name) ?? []);
  for (let place = next.pop(); place !== undefined; place = next.pop()) {
    if (reached.has(place)) continue;
    reached.add(place);
    next.push(...broughtBy(packages, place));
  }
  return reached;
}

function refsOf(packages: Packages, names: readonly string[], from: string): Set<string> {
  return new Set(names.flatMap((name) => placeOf(packages, from, name) ?? []).map((place) => refAt(packages, place)));
}

function refAt(packages: Packages, place: string): string {
  return purlOf(nameAt(packages, place), packages[place]);
}

/** Source: https://github.com/package-url/purl-spec, type npm. */
function purlOf(name: string, locked: Locked | undefined): string {
  return `pkg:npm/${name.replace("@", "%40")}@${locked?.version ?? ""}`;
}

/** An integrity is base64; CycloneDX wants hex. */
function hexOf(integrity: string): string {
  return Buffer.from(integrity.slice(integrity.indexOf("-") + 1), "base64").toString("hex");
}

/** A UUID (version 8, RFC 9562) of the content, so that a bill has the same serial number whenever it is made. */
function serialOf(content: string): string {
  const bytes = createHash("sha256").update(content).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return `urn:uuid:${bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

function rank(scope: Scope): number {
  return ["required", "optional", "excluded"].indexOf(scope);
}

/** By code units, as any locale has it. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
