import { createContext, useContext } from "react";

import type { RpcCall } from "../../../sdk/record/rpc.ts";
import type { OwnSource, Source } from "./source.ts";

export interface AskedSource {
  /** Undefined: no node is known. */
  readonly source: Source | undefined;
  readonly rpc: RpcCall | undefined;
  readonly own: OwnSource;
  readonly setOwn: (own: OwnSource) => void;
}

export const SourceContext = createContext<AskedSource | undefined>(undefined);

export function useSource(): AskedSource {
  const asked = useContext(SourceContext);
  if (asked === undefined) throw new TypeError("There is no frame around this page");
  return asked;
}
