import i18next from "eslint-plugin-i18next";
import importX from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** A room of the relayer and the rooms that it may look into; every other one is closed to it. */
const ROOMS = {
  api: ["intake", "makers", "records", "reports", "store", "vault", "webhooks", "x402"],
  batching: ["store"],
  chain: [],
  deadlines: ["store"],
  follower: ["chain", "store"],
  intake: ["store"],
  lanes: ["batching", "chain", "signers", "store"],
  makers: ["store"],
  records: ["store", "vault"],
  reports: [],
  signers: [],
  store: [],
  vault: ["store"],
  webhooks: ["store"],
  x402: ["intake", "store"],
};

const relayerZones = Object.entries(ROOMS).map(([room, open]) => ({
  target: `./relayer/${room}`,
  from: Object.keys(ROOMS)
    .filter((other) => other !== room && !open.includes(other))
    .map((other) => `./relayer/${other}`)
    .concat(["./relayer/main.ts", "./relayer/relayer.ts"]),
  message: `relayer/${room} may look into ${open.length === 0 ? "no other room" : open.join(", ")} only.`,
}));

const outside = ["./native", "./audit", "./relayer", "./maker", "./scripts", "./test", "./ignition", "./web"];

const noHardhat = {
  regex: "^(hardhat|@nomicfoundation)(/|$)",
  message: "Only test/, scripts/, ignition/ and config files import hardhat.",
};
const noNodeInBrowsers = { regex: "^node:", message: "The console runs in browsers." };
const noNode = { regex: "^node:", message: "The SDK runs in browsers too." };

export default tseslint.config(
  {
    ignores: [
      "typechain-types/",
      "artifacts/",
      "cache/",
      "coverage/",
      "node_modules/",
      ".cache/",
      ".data/",
      "web/dist/",
      "**/*.mjs",
    ],
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "import-x": importX },
    languageOptions: {
      parserOptions: { project: ["./tsconfig.json", "./web/tsconfig.json"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      // Numbers, bigints and booleans read well in a message.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      "import-x/no-restricted-paths": [
        "error",
        {
          zones: [
            {
              target: "./typechain-types",
              from: ["./sdk", ...outside],
              message: "Generated code imports nothing of ours.",
            },
            { target: "./sdk", from: outside, message: "The SDK knows nothing of what uses it." },
            {
              target: "./native",
              from: outside.filter((folder) => folder !== "./native"),
              message: "What Node does faster than the SDK knows the SDK only.",
            },
            {
              target: "./audit",
              from: ["./relayer", "./maker", "./scripts", "./test", "./ignition", "./web"],
              message: "An audit trusts nothing of what it audits.",
            },
            {
              target: "./relayer",
              from: ["./audit", "./maker", "./scripts", "./test", "./ignition", "./web"],
              message: "The relayer stands alone.",
            },
            {
              target: "./maker",
              from: ["./audit", "./relayer", "./scripts", "./test", "./ignition", "./web"],
              message: "The maker stands alone.",
            },
            {
              target: "./web",
              from: ["./audit", "./native", "./relayer", "./maker", "./scripts", "./test", "./ignition"],
              message: "The console reaches the relayer over HTTP only.",
            },
            ...relayerZones,
          ],
        },
      ],
    },
  },
  { files: ["sdk/**/*.ts"], rules: { "no-restricted-imports": ["error", { patterns: [noHardhat, noNode] }] } },
  {
    files: ["audit/**/*.ts", "native/**/*.ts", "relayer/**/*.ts", "maker/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: [noHardhat] }] },
  },
  {
    files: ["web/**/*.tsx"],
    plugins: { "react-hooks": reactHooks, i18next },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      // What people read stands in web/locales, in every language.
      "i18next/no-literal-string": ["error", { mode: "jsx-text-only" }],
    },
  },
  {
    files: ["web/**/*.ts", "web/**/*.tsx"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            noHardhat,
            noNodeInBrowsers,
            {
              regex: "typechain-types/factories/(?!contracts/interfaces/)",
              message: "Only factories of interfaces: the others carry bytecode.",
            },
          ],
        },
      ],
    },
  },
  { files: ["web/vite.config.ts"], rules: { "no-restricted-imports": "off" } },
  // chai's assertions are properties.
  { files: ["test/**/*.ts"], rules: { "@typescript-eslint/no-unused-expressions": "off" } },
);
