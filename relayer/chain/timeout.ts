import { AppError } from "../app-error.ts";

/** How long a node may take to answer what a client waits for. */
const ANSWER_MS = 5_000;

/** @throws AppError `chain_slow` if the answer does not come in time, so that one question does not hold up the others. */
export async function inTime<T>(answer: Promise<T>, limitMs = ANSWER_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AppError("chain_slow", `The chain did not answer within ${limitMs} ms.`, { retriable: true }));
    }, limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
