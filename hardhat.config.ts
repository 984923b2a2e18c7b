import "dotenv/config";

import { fileURLToPath } from "node:url";

import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { configVariable, defineConfig } from "hardhat/config";

/** The compiler comes from the npm package `solc`, so that a build needs no other download. */
const solcPath = fileURLToPath(import.meta.resolve("solc/soljson.js"));

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  solidity: {
    splitTestsCompilation: true,
    profiles: {
      default: {
        version: "0.8.37",
        path: solcPath,
        settings: {
          evmVersion: "osaka",
          viaIR: true,
          optimizer: { enabled: true, runs: 1_000_000 },
        },
      },
    },
  },
  typechain: { outDir: "typechain-types" },
  paths: { tests: { solidity: "test/solidity", mocha: "test/journeys" } },
  networks: {
    hardhat: { type: "edr-simulated", hardfork: "osaka" },
  },
});
void configVariable;
