/**
 * What each npm script runs once the tool chain is there. `script` is a TypeScript file, `bin` a tool of a package.
 * `build` says that the contracts must be compiled first, `console` that the web
 * application must be built.
 */
export const COMMANDS = {
  start: { script: "scripts/start.ts", build: true, console: true },
  test: { script: "scripts/test.ts", build: true, console: true },
  "test:postgres": { script: "scripts/test-postgres.ts", build: true },
  relayer: { script: "relayer/main.ts", build: true, console: true },
  maker: { script: "maker/main.ts", build: true },
  keys: { script: "scripts/keys.ts" },
  openapi: { script: "scripts/openapi.ts" },
  "openapi:check": { script: "scripts/check-openapi.ts" },
  audit: { script: "scripts/audit.ts", build: true },
  roles: { script: "scripts/roles.ts", build: true },
  "bench:audit": { script: "scripts/bench-audit.ts", build: true },
  "bench:gas": { script: "scripts/bench-gas.ts", build: true },
  "bench:intake": { script: "scripts/bench-intake.ts", build: true },
  "bench:throughput": { script: "scripts/bench-throughput.ts", build: true },
  "test:faults": { script: "scripts/test-faults.ts", build: true },
  "test:mutation": { script: "scripts/test-mutation.ts", build: true },
  screenshots: { script: "scripts/screenshots.ts", build: true, console: true },
  "verify:receipt": { script: "scripts/verify-receipt.ts" },
  vectors: { script: "scripts/vectors.ts" },
  "audit:dependencies": { script: "scripts/audit-dependencies.ts" },
  "audit:advisories": { script: "scripts/audit-advisories.ts" },
  sbom: { script: "scripts/sbom.ts" },
  analyse: { script: "scripts/analyse.ts" },
  coverage: { script: "scripts/coverage.ts", build: true },
  "size:check": { script: "scripts/check-size.ts", build: true },
  "typechain:check": { script: "scripts/check-typechain.ts", build: true },
  typecheck: { bin: "tsc", args: ["-p", "."], build: true },
  "typecheck:web": { bin: "tsc", args: ["-p", "web", "--noEmit"], build: true },
  "lint:ts": { bin: "eslint", args: [".", "--max-warnings", "0"], build: true },
  "lint:sol": { bin: "solhint", args: ["--max-warnings", "0", "contracts/**/*.sol"] },
  format: { bin: "prettier", args: ["--write", "."] },
  "format:check": { bin: "prettier", args: ["--check", "."] },
};
