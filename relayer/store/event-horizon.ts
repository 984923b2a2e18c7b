import type { Database } from "./database.ts";

/** How long is waited for transactions under way, and how often they are looked at. */
const PATIENCE_MS = 2_000;
const PAUSE_MS = 20;

/** Up to which sequence the stream of events can be read without missing one. */
export interface EventHorizon {
  read(): Promise<bigint>;
}

/**
 * Sequences are drawn before their transactions commit, so a lower one may become visible after a higher one. A mark is
 * set, which every transaction that drew a sequence by now is older than; once all older ones have ended, nothing can
 * appear any more below the highest sequence that was visible at the mark. Readers at the same time share one mark.
 */
export function createEventHorizon(database: Database): EventHorizon {
  let known = 0n;
  let looking: Promise<bigint> | undefined;

  async function look(): Promise<bigint> {
    const { rows } = await database.query<{ mark: bigint; last: bigint }>(
      `SELECT pg_current_xact_id()::text::bigint AS mark, (SELECT coalesce(max(sequence), 0) FROM events) AS last`,
    );
    const { mark, last } = rows[0] ?? { mark: 0n, last: 0n };
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
      const { rows: found } = await database.query<{ oldest: bigint }>(
        "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest",
      );
      if ((found[0]?.oldest ?? 0n) > mark) {
        if (last > known) known = last;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return known;
  }

  return {
    async read() {
      // One that began before this call would not see what was committed since.
      const earlier = looking;
      if (earlier !== undefined) await earlier.catch(() => undefined);
      looking ??= look();
      const mine = looking;
      try {
        return await mine;
      } finally {
        if (looking === mine) looking = undefined;
      }
    },
  };
}
