import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { config as loadDotenv } from "dotenv";
import { configVariable, defineConfig } from "hardhat/config";
import type { HardhatPlugin } from "hardhat/types/plugins";

import { DEPLOYER_KEY, deployNetworks, ETHERSCAN_KEY } from "./scripts/deploy/networks.ts";

loadDotenv({ quiet: true });

const DEPLOY_NETWORKS = deployNetworks(process.env);

// An empty line of .env is no value: the keystore is asked then.
for (const name of [DEPLOYER_KEY, ETHERSCAN_KEY, ...Object.values(DEPLOY_NETWORKS).map((one) => one.urlVariable)]) {
  if (process.env[name] === "") Reflect.deleteProperty(process.env, name);
}

/** The compiler comes from the npm package `solc`, so that a build needs no other download. */
const solcPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

const SOLC = { version: "0.8.37", path: solcPath };
const TESTS = "test/contracts";

/** @param runs How often each instruction is expected to run: more runs, faster and larger code. */
function compiler(runs: number) {
  return {
    ...SOLC,
    settings: { evmVersion: "osaka", viaIR: true, optimizer: { enabled: true, runs } },
  };
}

/** Tests are compiled the quick way, as nobody pays for their gas. What they deploy is built as above: see Deployed.sol. */
function testCompilers() {
  const compiler = { ...SOLC, settings: { evmVersion: "osaka", viaIR: false, optimizer: { enabled: false } } };
  const files = readdirSync(new URL(TESTS, import.meta.url)).filter((name) => name.endsWith(".sol"));
  return Object.fromEntries(files.map((name) => [`${TESTS}/${name}`, compiler]));
}

/**
 * Has the tests compiled together. Hardhat compiles files in one go if they share one settings object, and makes one for each
 * override; alone, each test would compile again whatever it has in common with the others.
 */
const testsTogether: HardhatPlugin = {
  id: "corridor-tests-together",
  hookHandlers: {
    config: () =>
      Promise.resolve({
        default: () =>
          Promise.resolve({
            resolveUserConfig: async (userConfig, resolveVariable, next) => {
              const config = await next(userConfig, resolveVariable);
              for (const { overrides } of Object.values(config.solidity.profiles)) {
                const tests = Object.keys(overrides).filter((name) => name.startsWith(`${TESTS}/`));
                const [shared] = tests.map((name) => overrides[name]);
                if (shared !== undefined) for (const name of tests) overrides[name] = shared;
              }
              return config;
            },
          }),
      }),
  },
};

/** Networks to deploy on. URL and key are looked up once one is used: in the environment, then in Hardhat's keystore. */
const remoteNetworks = Object.fromEntries(
  Object.entries(DEPLOY_NETWORKS).map(([name, { chainId, chainType, urlVariable }]) => {
    const url = configVariable(urlVariable);
    return [name, { type: "http", chainType, chainId, url, accounts: [configVariable(DEPLOYER_KEY)] } as const];
  }),
);

/** The relayer's list of nodes may be empty, as in .env.example, or have several. */
const [firstNode] = (process.env.CORRIDOR_RPC_URL ?? "")
  .split(",")
  .flatMap((url) => (URL.canParse(url.trim()) ? [url.trim()] : []));

const FUZZ_SEED = "0xc0441d04c0441d04c0441d04c0441d04c0441d04c0441d04c0441d04c0441d04";

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers, testsTogether],
  solidity: {
    splitTestsCompilation: true,
    npmFilesToBuild: ["@openzeppelin/contracts/access/manager/AccessManager.sol"],
    profiles: {
      default: {
        compilers: [compiler(5_000)],
        // As much speed as fits into the 24,576 bytes that a contract may have (EIP-170); `npm run size:check` shows them.
        overrides: { "contracts/Ledger.sol": compiler(20_000), ...testCompilers() },
      },
    },
  },
  typechain: { outDir: "typechain-types" },
  coverage: { skipFiles: ["contracts/mocks/**"] },
  paths: { tests: { solidity: TESTS, mocha: "test" } },
  test: {
    mocha: { timeout: 180_000 },
    solidity: {
      fuzz: { runs: 256, seed: FUZZ_SEED },
      invariant: { runs: 32, depth: 64, failOnRevert: false },
    },
  },
  verify: {
    etherscan: { apiKey: configVariable(ETHERSCAN_KEY) },
    blockscout: { enabled: true },
    sourcify: { enabled: true },
  },
  networks: {
    ...remoteNetworks,
    hardhat: { type: "edr-simulated", hardfork: "osaka" },
    // The chain of `npm start` and of the journeys: mines each transaction at once, and a block a second beside.
    local: {
      type: "edr-simulated",
      hardfork: "osaka",
      chainId: 31_337,
      allowBlocksWithSameTimestamp: true,
      mining: { auto: true, interval: 1_000 },
    },
    localhost: { type: "http", url: firstNode ?? "http://127.0.0.1:8545" },
  },
});
