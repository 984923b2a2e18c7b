/** A browser's wallet (EIP-1193). */
export interface Eip1193Provider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
}

/** A wallet that announced itself (EIP-6963). */
export interface AnnouncedWallet {
  readonly info: { readonly uuid: string; readonly name: string; readonly icon: string; readonly rdns: string };
  readonly provider: Eip1193Provider;
}

/** Tells of each wallet that announces itself, now or later. @returns what ends it. */
export function watchInjectedWallets(onWallet: (wallet: AnnouncedWallet) => void): () => void {
  const listener = (event: Event): void => {
    if (event instanceof CustomEvent && isAnnounced(event.detail)) onWallet(event.detail);
  };
  window.addEventListener("eip6963:announceProvider", listener);
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  return () => {
    window.removeEventListener("eip6963:announceProvider", listener);
  };
}

function isAnnounced(detail: unknown): detail is AnnouncedWallet {
  return typeof detail === "object" && detail !== null && "info" in detail && "provider" in detail;
}
