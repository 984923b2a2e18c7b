/** Which of the last 64 nonces are used, and one above the highest: as the contract's library `NonceWindow` keeps them. */
export interface NonceWindow {
  window: bigint;
  nextNonce: bigint;
}

const SIZE = 64n;
const MASK = 2n ** 64n - 1n;
const MAX_NONCE = 2n ** 56n - 2n;

/** Uses a nonce. @returns whether it could be used: once, and within 64 of the highest. */
export function useNonce(state: NonceWindow, nonce: bigint): boolean {
  if (nonce >= state.nextNonce) {
    if (nonce > MAX_NONCE) return false;
    const shift = nonce - state.nextNonce + 1n;
    // A shift by what a stranger chose would need as much memory.
    state.window = shift >= SIZE ? 1n : ((state.window << shift) | 1n) & MASK;
    state.nextNonce = nonce + 1n;
    return true;
  }
  const age = state.nextNonce - 1n - nonce;
  if (age >= SIZE) return false;
  const bit = 1n << age;
  if ((state.window & bit) !== 0n) return false;
  state.window |= bit;
  return true;
}
