import { type ReactNode, useMemo, useState } from "react";

import { httpRpc } from "../../../sdk/record/rpc.ts";
import { NetworkContext, useToldNetwork } from "../../app/network.ts";
import { KNOWN } from "../../parts/built-in-deployments.ts";
import { deployedView } from "./deployed-view.ts";
import { SourceContext } from "./source-context.ts";
import { type OwnSource, parseOwnSource, sourceOf } from "./source.ts";

const KEPT_AS = "corridor.audit.source";

/** Tells pages which node to ask about which deployment; what was set is kept in this browser, by chain. */
export function SourceProvider({ children }: { children: ReactNode }) {
  const told = useToldNetwork();
  const keptAs = `${KEPT_AS}.${told.chainId}`;
  const [own, setOwn] = useState<OwnSource>(() => parseOwnSource(localStorage.getItem(keptAs)));
  const { network, asked } = useMemo(() => {
    const chosen = KNOWN.deployments.find(({ chainId }) => String(chainId) === own.deployment);
    const network = chosen === undefined ? told : deployedView(chosen, told);
    const x402 = chosen?.contracts.x402 ?? null;
    const source = sourceOf(network, x402 === null ? own : { ...own, contracts: { x402, ...own.contracts } });
    const asked = {
      source,
      rpc: source === undefined ? undefined : httpRpc(source.rpcUrl),
      own,
      setOwn: (next: OwnSource) => {
        localStorage.setItem(keptAs, JSON.stringify(next));
        setOwn(next);
      },
    };
    return { network, asked };
  }, [told, own, keptAs]);
  return (
    <NetworkContext value={network}>
      <SourceContext value={asked}>{children}</SourceContext>
    </NetworkContext>
  );
}
