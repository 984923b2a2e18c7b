import { isAddress, isHexString } from "ethers";

/** What payments to show, as it is filled in; empty: all. */
export interface PaymentFilter {
  readonly state: string;
  readonly hold: string;
  readonly token: string;
  /** Days in the merchant's zone, YYYY-MM-DD, both inclusive. */
  readonly from: string;
  readonly to: string;
  readonly request: string;
  readonly memo: string;
  readonly payer: string;
}

export const NO_FILTER: PaymentFilter = {
  ...{ state: "", hold: "", token: "", from: "", to: "", request: "", memo: "", payer: "" },
};

/** As the interface takes it. */
export function filterQuery(filter: PaymentFilter): Readonly<Record<string, string>> {
  const query = {
    ...{ state: filter.state, hold: filter.hold, token: filter.token },
    ...{ request: filter.request.trim(), memo: filter.memo.trim(), payer: filter.payer.trim() },
    from: startOfDay(filter.from, 0),
    to: startOfDay(filter.to, 1),
  };
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
}

/** The fields that cannot be meant as they are, so that nothing is asked with half an address. */
export function filterMistakes(filter: PaymentFilter): readonly ("request" | "memo" | "payer" | "to")[] {
  const { request, memo, payer, from, to } = filter;
  return [
    ...(request.trim() === "" || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(request.trim())
      ? []
      : (["request"] as const)),
    ...(memo.trim() === "" || isHexString(memo.trim(), 32) ? [] : (["memo"] as const)),
    ...(payer.trim() === "" || isAddress(payer.trim()) ? [] : (["payer"] as const)),
    ...(from === "" || to === "" || from <= to ? [] : (["to"] as const)),
  ];
}

/** A payment's id as somebody pasted it. */
export function readPaymentId(text: string): string | undefined {
  const id = text.trim().toLowerCase();
  return isHexString(id, 32) ? id : undefined;
}

/** Unix seconds of a day's beginning here, `later` days on: a day has not 24 hours everywhere. */
function startOfDay(day: string, later: number): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (match === null) return "";
  const [, year, month, date] = match;
  return String(Math.floor(new Date(Number(year), Number(month) - 1, Number(date) + later).getTime() / 1_000));
}
