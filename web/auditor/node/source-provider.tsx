import { type ReactNode, useMemo, useState } from "react";

import { httpRpc } from "../../../sdk/record/rpc.ts";
import { useNetwork } from "../../app/network.ts";
import { SourceContext } from "./source-context.ts";
import { type OwnSource, parseOwnSource, sourceOf } from "./source.ts";

const KEPT_AS = "corridor.audit.source";

/** Tells pages which node to ask; what was set is kept in this browser, by chain. */
export function SourceProvider({ children }: { children: ReactNode }) {
  const network = useNetwork();
  const keptAs = `${KEPT_AS}.${network.chainId}`;
  const [own, setOwn] = useState<OwnSource>(() => parseOwnSource(localStorage.getItem(keptAs)));
  const asked = useMemo(() => {
    const source = sourceOf(network, own);
    return {
      source,
      rpc: source === undefined ? undefined : httpRpc(source.rpcUrl),
      own,
      setOwn: (next: OwnSource) => {
        localStorage.setItem(keptAs, JSON.stringify(next));
        setOwn(next);
      },
    };
  }, [network, own, keptAs]);
  return <SourceContext value={asked}>{children}</SourceContext>;
}
