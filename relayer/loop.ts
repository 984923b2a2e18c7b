import type { Logger } from "pino";

/** Something that goes on until it is stopped. */
export interface Loop {
  /** Runs the next round now instead of after the pause. */
  wake(): void;
  /** Lets the round under way finish, then ends. */
  stop(): Promise<void>;
}

/** Runs `round` again and again, `pauseMs` apart; a round that throws is logged and tried again, later each time. */
export function startLoop(name: string, pauseMs: number, log: Logger, round: () => Promise<void>): Loop {
  const state = { stopped: false, woken: false };
  const isStopped = (): boolean => state.stopped;
  const isWoken = (): boolean => state.woken;
  let wakeUp: (() => void) | undefined;
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!isStopped()) {
      state.woken = false;
      try {
        await round();
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ err: error, loop: name, failures }, "round failed");
      }
      const pause = failures === 0 ? pauseMs : Math.min(5_000, pauseMs * 2 ** failures);
      if (!isStopped() && !(isWoken() && failures === 0)) await sleep(pause);
    }
  };
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const ended = run();
  return {
    wake() {
      state.woken = true;
      wakeUp?.();
    },
    async stop() {
      state.stopped = true;
      wakeUp?.();
      await ended;
    },
  };
}
