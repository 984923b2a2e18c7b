import { Alert, SimpleGrid, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { client } from "../app/client.ts";
import { LivePayment } from "./live-payment.tsx";
import { OtherDevice } from "./other-device.tsx";
import { PayForm } from "./pay-form.tsx";
import { RequestSummary } from "./request-summary.tsx";
import { useAttempt } from "./use-attempt.ts";
import { useNow } from "./use-now.ts";
import { useRefusalWords } from "./use-refusal-words.ts";

/** How often to ask whether somebody paid on another device, and whether that still holds. */
const [ASK_MS, ASK_AGAIN_MS] = [1_500, 5_000];

/** A payment request, as its payer sees it: from what is asked to the receipt. */
export function PayPage() {
  const { t } = useTranslation("checkout");
  const { requestId: id = "" } = useParams({ strict: false });
  const { attempt, refusal, send, giveUp } = useAttempt(id);
  const refusalWords = useRefusalWords();
  const now = useNow();
  const { data: request } = useSuspenseQuery({
    queryKey: ["payment-request", id],
    queryFn: () => client.paymentRequest(id),
    refetchInterval: ({ state }) => (state.data?.paymentId === null ? ASK_MS : ASK_AGAIN_MS),
  });
  const own = attempt?.end === "open" ? attempt : undefined;
  // Of a reusable request, other people's payments are none of hers.
  const paymentId = own?.id ?? (request.reusable ? null : request.paymentId);

  if (paymentId !== null) {
    return (
      <Stack gap="lg" maw={480} mx="auto">
        <RequestSummary request={request} />
        <LivePayment id={paymentId} key={paymentId} {...(own === undefined ? {} : { onOver: giveUp })} />
      </Stack>
    );
  }
  const isExpired = BigInt(request.expiresAt) < BigInt(now);
  return (
    <SimpleGrid cols={{ base: 1, md: isExpired ? 1 : 2 }} spacing="xl">
      <Stack gap="lg">
        <RequestSummary request={request} />
        {refusal !== undefined && (
          <Alert color="red" role="alert" title={t("from.notPaid")}>
            {refusalWords(refusal)}
          </Alert>
        )}
        {isExpired ? (
          <Alert color="yellow" title={t("expired.title")} role="alert">
            <Text>{t("expired.text")}</Text>
          </Alert>
        ) : (
          <PayForm request={request} before={attempt} onSigned={send} />
        )}
      </Stack>
      {!isExpired && <OtherDevice request={request} />}
    </SimpleGrid>
  );
}
