import { Card, Text, Timeline, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ActView, PaymentView } from "../../../sdk/client.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { TimeText } from "../../parts/time-text.tsx";

const STEPS = ["accepted", "submitted", "settled", "final"] as const;

/** What happened to a payment and its hold, in order. */
export function PaymentTimeline({ payment, acts }: { payment: PaymentView; acts: readonly ActView[] }) {
  const { t } = useTranslation("merchant");
  const { state } = payment;
  const hasFailed = state === "rejected" || state === "expired";
  const reached = hasFailed ? 0 : STEPS.indexOf(state === "assigned" ? "accepted" : state);
  const steps = hasFailed ? (["accepted", state] as const) : STEPS;
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="md">
        {t("payments.timeline.title")}
      </Title>
      <Timeline active={hasFailed ? 1 : reached} bulletSize={18} color={hasFailed ? "red" : "teal"}>
        {steps.map((step) => (
          <Timeline.Item key={step} title={t(`payments.timeline.${step}`)}>
            {step === "accepted" && <StepTime at={payment.acceptedAt} />}
            {step === "settled" && payment.settledAt !== null && <StepTime at={payment.settledAt} />}
            {step === "submitted" && payment.transactionHash !== null && (
              <HexText value={payment.transactionHash} what={t("payments.transaction")} />
            )}
          </Timeline.Item>
        ))}
      </Timeline>
      {acts.length > 0 && (
        <>
          <Title order={3} size="h5" mt="lg" mb="md">
            {t("payments.timeline.acts")}
          </Title>
          <Timeline active={acts.length} bulletSize={18} color="teal">
            {acts.map((act) => (
              <Timeline.Item
                key={act.id}
                title={t(`acts.verbs.${act.verb}`)}
                {...(act.state === "rejected" ? { color: "red" } : {})}
              >
                <Text size="sm" c={act.state === "rejected" ? "red" : "dimmed"}>
                  {t(`acts.states.${act.state}`)}
                  {act.code === null ? "" : ` (${act.code})`} · <TimeText at={act.acceptedAt} />
                </Text>
                {act.transactionHash !== null && (
                  <HexText value={act.transactionHash} what={t("payments.transaction")} />
                )}
              </Timeline.Item>
            ))}
          </Timeline>
        </>
      )}
    </Card>
  );
}

function StepTime({ at }: { at: string }) {
  return (
    <Text size="sm" c="dimmed">
      <TimeText at={at} />
    </Text>
  );
}
