import hre from "hardhat";

/** EIP-170 and EIP-3860. */
const MAX_RUNTIME = 24_576;
const MAX_INIT = 49_152;

let tooLarge = 0;
for (const name of await hre.artifacts.getAllFullyQualifiedNames()) {
  if (!name.startsWith("contracts/") || name.startsWith("contracts/mocks/")) continue;
  const artifact = await hre.artifacts.readArtifact(name);
  const runtime = (artifact.deployedBytecode.length - 2) / 2;
  const init = (artifact.bytecode.length - 2) / 2;
  if (init === 0) continue;
  const fits = runtime <= MAX_RUNTIME && init <= MAX_INIT;
  if (!fits) tooLarge += 1;
  process.stdout.write(
    `${fits ? "ok" : "TOO LARGE"}  ${name}  runtime ${runtime} of ${MAX_RUNTIME}, init ${init} of ${MAX_INIT}\n`,
  );
}
process.exitCode = tooLarge === 0 ? 0 : 1;
