// Asks the relayer of this machine: `node ops/probe.mjs /livez` or `/readyz`. Ends with status 0 if it answers 200; else it says
// what the answer was.
const [path = "/livez"] = process.argv.slice(2);
const url = `http://127.0.0.1:${process.env.CORRIDOR_PORT || "8080"}${path}`;

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) process.stderr.write(`${response.status} ${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
