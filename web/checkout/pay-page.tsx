import { Alert, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../app/client.ts";
import { keepPayment, type KeptPayment, readKeptPayment } from "./kept-payment.ts";
import { LivePayment } from "./live-payment.tsx";
import { OtherDevice } from "./other-device.tsx";
import { PayForm } from "./pay-form.tsx";
import { RequestSummary } from "./request-summary.tsx";
import { useNow } from "./use-now.ts";

/** How often to ask whether somebody paid on another device. */
const ASK_MS = 1_500;

/** A payment request, as its payer sees it: from what is asked to the receipt. */
export function PayPage() {
  const { t } = useTranslation("checkout");
  const { requestId: id = "" } = useParams({ strict: false });
  const [kept, setKept] = useState(() => readKeptPayment(id));
  const now = useNow();
  const { data: request } = useSuspenseQuery({
    queryKey: ["payment-request", id],
    queryFn: () => client.paymentRequest(id),
    refetchInterval: ({ state }) => (state.data?.paymentId === null && !state.data.reusable ? ASK_MS : false),
  });
  const keep = (payment: KeptPayment): void => {
    keepPayment(id, payment);
    setKept(payment);
  };
  const own = kept?.isOver === false ? kept : undefined;
  const paymentId = own?.id ?? (request.reusable || request.paymentId === kept?.id ? undefined : request.paymentId);
  const isExpired = BigInt(request.expiresAt) < BigInt(now);

  if (paymentId !== null && paymentId !== undefined) {
    return (
      <Stack gap="lg">
        <RequestSummary request={request} />
        <LivePayment
          id={paymentId}
          {...(own === undefined
            ? {}
            : {
                onOver: () => {
                  keep({ ...own, isOver: true });
                },
              })}
        />
      </Stack>
    );
  }
  return (
    <Stack gap="lg">
      <RequestSummary request={request} />
      {isExpired ? (
        <Alert color="yellow" title={t("expired.title")} role="alert">
          <Text>{t("expired.text")}</Text>
        </Alert>
      ) : (
        <>
          <PayForm request={request} before={kept} onSigned={keep} />
          <OtherDevice request={request} />
        </>
      )}
    </Stack>
  );
}
