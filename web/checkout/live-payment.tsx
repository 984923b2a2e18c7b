import { Alert, Button, Card, Group, Loader, Stack, Stepper, Text, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../sdk/client.ts";
import type { PaymentState } from "../../sdk/payment.ts";
import { Receipt } from "./receipt.tsx";
import { useLivePayment } from "./use-live-payment.ts";
import { useRefusalWords } from "./use-refusal-words.ts";

const STEPS = ["accepted", "submitted", "settled", "final"] as const;

/** What becomes of a payment, until nothing more can. @param onOver Begins another try, where that is safe. */
export function LivePayment({ id, onOver }: { id: string; onOver?: (code?: string) => void }) {
  const { t } = useTranslation("checkout");
  const { payment, isUnknown } = useLivePayment(id);
  if (payment === undefined) {
    return (
      <Alert color={isUnknown ? "yellow" : "blue"} role="status" icon={<Loader size="xs" aria-hidden />}>
        <Text>{t(isUnknown ? "live.unknown" : "live.connecting")}</Text>
        {isUnknown && onOver !== undefined && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => {
              onOver();
            }}
          >
            {t("live.tryAgain")}
          </Button>
        )}
      </Alert>
    );
  }
  return <Progress payment={payment} {...(onOver === undefined ? {} : { onOver })} />;
}

function Progress({ payment, onOver }: { payment: PaymentView; onOver?: (code?: string) => void }) {
  const { t } = useTranslation("checkout");
  const refusalWords = useRefusalWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const isRefused = payment.state === "rejected" || payment.state === "expired";
  const isPaid = payment.state === "settled" || payment.state === "final";
  const isDecided = isRefused || isPaid;
  const held = isPaid && payment.terms !== null ? (payment.hold?.status ?? "open") : undefined;
  useEffect(() => {
    if (isDecided) heading.current?.focus();
  }, [isDecided]);

  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="live-title">
      <Stack>
        <Group gap="sm" wrap="nowrap" aria-live="polite">
          {isPaid ? <IconCircleCheck size="2rem" color="var(--mantine-color-teal-6)" aria-hidden /> : null}
          {isDecided ? null : <Loader size="sm" aria-hidden />}
          <Title order={2} size="h3" id="live-title" tabIndex={-1} ref={heading}>
            {held === undefined ? t(`live.states.${payment.state}`) : t(`live.held.states.${held}`)}
          </Title>
        </Group>
        {isRefused ? (
          <Alert color="red">
            <Text>{payment.state === "expired" ? t("refused.expired") : refusalWords(payment.code ?? "other")}</Text>
            {onOver !== undefined && (
              <Button
                mt="sm"
                variant="default"
                onClick={() => {
                  onOver(payment.code ?? undefined);
                }}
              >
                {t("live.tryAgain")}
              </Button>
            )}
          </Alert>
        ) : (
          <>
            <Text>{held === undefined ? t(`live.hints.${payment.state}`) : t(`live.held.hints.${held}`)}</Text>
            <Stepper active={stepOf(payment.state)} orientation="vertical" size="sm" iconSize={28} color="teal">
              {STEPS.map((step) => (
                <Stepper.Step key={step} label={t(`live.steps.${step}`)} />
              ))}
            </Stepper>
          </>
        )}
        {isPaid && <Receipt payment={payment} />}
      </Stack>
    </Card>
  );
}

/** How many of the steps are done. */
function stepOf(state: PaymentState): number {
  switch (state) {
    case "accepted":
    case "assigned":
    case "rejected":
    case "expired":
      return 1;
    case "submitted":
      return 2;
    case "settled":
      return 3;
    case "final":
      return 4;
  }
}
