import { useSyncExternalStore } from "react";

const KEPT_AS = "corridor.large-type";
const LARGE = "137.5%";
const listeners = new Set<() => void>();

/** Whether letters, and with them everything, are shown larger. Every size is in rem, so the root's decides. */
export function useLargeType(): readonly [isLarge: boolean, change: (isLarge: boolean) => void] {
  const isLarge = useSyncExternalStore(subscribe, readKept);
  return [isLarge, setLargeType];
}

export function applyKeptSize(): void {
  document.documentElement.style.fontSize = readKept() ? LARGE : "";
}

function setLargeType(isLarge: boolean): void {
  if (isLarge) localStorage.setItem(KEPT_AS, "yes");
  else localStorage.removeItem(KEPT_AS);
  applyKeptSize();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function readKept(): boolean {
  return localStorage.getItem(KEPT_AS) === "yes";
}
