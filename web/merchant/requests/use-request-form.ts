import { useForm, type UseFormReturnType } from "@mantine/form";

import { type RequestForm, writeLocalTime } from "./request-form.ts";

export type RequestFormApi = UseFormReturnType<RequestForm>;

const DAY = 86_400;

/** A form that asks for a payment within a week, in the first currency. */
export function useRequestForm(token: string): RequestFormApi {
  const now = Math.floor(Date.now() / 1_000);
  return useForm<RequestForm>({
    initialValues: {
      ...{ title: "", token, amount: "", capture: "automatic", isReusable: false, payerCountry: "" },
      expiresAt: writeLocalTime(now + 7 * DAY),
      captureDeadline: writeLocalTime(now + 14 * DAY),
      refundDeadline: writeLocalTime(now + 44 * DAY),
      ...{ arbiter: "", rulingDays: "7", payerPercent: "50", splits: [] },
    },
  });
}
