// An audit as a process of its own, whose memory is nobody else's: `measure.ts URL LEDGER PAYMENTS`. Tells its figures to its parent.
import { runAudit } from "../../../audit/run.ts";
import { httpRpc, type RpcCall } from "../../../sdk/record/rpc.ts";

const [url = "", ledger = "", count = "0"] = process.argv.slice(2);
const MEGABYTE = 2 ** 20;

/** As `npm run audit` opens it. */
function open(batchSize: number): RpcCall {
  return httpRpc(url, { batchSize, concurrency: 4, timeoutMs: 60_000 });
}

let peak = 0;
let half = 0;
const sample = (): void => {
  peak = Math.max(peak, process.memoryUsage.rss() / MEGABYTE);
};
const timer = setInterval(sample, 20);
const report = await runAudit({
  ...{ rpc: open(50), bulkRpc: open(4), ledger, escrow: null, exchange: null, gateway: null },
  ...{ from: null, to: "latest", tokens: null, stateFile: null },
  onProgress({ payments }) {
    sample();
    if (half === 0 && payments * 2 >= Number(count)) half = peak;
  },
});
clearInterval(timer);
sample();
const { ok, counts, seconds, slots, counters } = report;
const { payments, signatures } = counters;
process.send?.({ ok, counts, seconds, slots, payments, signatures, halfMb: half, peakMb: peak });
