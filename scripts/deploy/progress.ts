import { confirmedTransactions } from "./journal.ts";

const INTERVAL_MS = 500;

/** Says on standard error, as steps are confirmed, which was the last and how many there are. */
export function watchProgress(journal: string, total: number): { stop(): void } {
  let said = confirmedTransactions(journal).length;
  const look = (): void => {
    const done = confirmedTransactions(journal);
    for (const { futureId, blockNumber } of done.slice(said)) {
      said += 1;
      process.stderr.write(`  ${said}/${total}  ${futureId}  block ${blockNumber}\n`);
    }
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
    },
  };
}
