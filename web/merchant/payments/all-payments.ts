import type { PaymentView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";

/** Every payment that matches, page by page. @param onCount Told after each page how many there are so far. */
export async function allPayments(
  query: Readonly<Record<string, string>>,
  onCount: (count: number) => void,
): Promise<readonly PaymentView[]> {
  const found: PaymentView[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = await client.payments({ ...query, limit: "200", ...(cursor === "" ? {} : { cursor }) });
    found.push(...page.payments);
    onCount(found.length);
    cursor = page.next;
  }
  return found;
}
