/** An amount of one token that went from one account to another. {qTok} */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly token: string;
  readonly amount: bigint;
}

/** Payments in one currency that settled in another, together. */
export interface CorridorFlow {
  readonly payToken: string;
  readonly settleToken: string;
  readonly payments: number;
  readonly paid: bigint;
  readonly settled: bigint;
  readonly fee: bigint;
}

export interface TokenNetting {
  readonly token: string;
  readonly gross: bigint;
  readonly net: bigint;
}

export interface Position {
  readonly account: string;
  readonly token: string;
  readonly received: bigint;
  readonly sent: bigint;
}

export interface Netting {
  readonly tokens: readonly TokenNetting[];
  readonly corridors: readonly (CorridorFlow & { readonly offset: bigint })[];
  /** Of every account that a flow touched. Those of a token sum to zero. */
  readonly positions: readonly Position[];
}

/**
 * Multilateral netting: all flows of a token together, whoever owes whom. `net` of a token is the sum of what its net receivers
 * receive, which would have to move if each account settled once. The order of the flows does not matter.
 */
export function netFlows(flows: readonly Flow[], corridors: readonly CorridorFlow[]): Netting {
  const positions = new Map<string, { account: string; token: string; received: bigint; sent: bigint }>();
  const at = (account: string, token: string) => {
    const key = `${token}:${account}`;
    const found = positions.get(key) ?? { account, token, received: 0n, sent: 0n };
    positions.set(key, found);
    return found;
  };
  const tokens = new Map<string, { gross: bigint; net: bigint }>();
  for (const { from, to, token, amount } of flows) {
    at(from, token).sent += amount;
    at(to, token).received += amount;
    tokens.set(token, { gross: (tokens.get(token)?.gross ?? 0n) + amount, net: 0n });
  }
  for (const { token, received, sent } of positions.values()) {
    const sums = tokens.get(token);
    if (sums !== undefined && received > sent) sums.net += received - sent;
  }
  return {
    tokens: [...tokens].map(([token, sums]) => ({ token, ...sums })).sort((a, b) => inOrder(a.token, b.token)),
    corridors: withOffsets(corridors),
    positions: [...positions].sort(([a], [b]) => inOrder(a, b)).map(([, position]) => position),
  };
}

/** What was paid into a corridor and given out by its opposite did not have to be brought from anywhere. */
function withOffsets(corridors: readonly CorridorFlow[]): Netting["corridors"] {
  return corridors
    .map((corridor) => {
      const opposite = corridors.find(
        ({ payToken, settleToken }) => payToken === corridor.settleToken && settleToken === corridor.payToken,
      );
      const given = opposite?.settled ?? 0n;
      return { ...corridor, offset: given < corridor.paid ? given : corridor.paid };
    })
    .sort((a, b) => inOrder(a.payToken, b.payToken) || inOrder(a.settleToken, b.settleToken));
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
