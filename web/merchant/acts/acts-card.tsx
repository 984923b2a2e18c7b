import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { ActView, PaymentView } from "../../../sdk/client.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { actUnderWay, type MerchantVerb, possibleActs, ruledRefundUntil } from "./possible-acts.ts";
import { useAct } from "./use-act.ts";

/** What the merchant may do with a hold now. @param acts Undefined while they are not known: then nothing is offered. */
export function ActsCard({ payment, acts }: { payment: PaymentView; acts: readonly ActView[] | undefined }) {
  const { t } = useTranslation("merchant");
  const act = useAct(payment);
  const [verb, setVerb] = useState<MerchantVerb>();
  const now = BigInt(Math.floor(Date.now() / 1_000));
  const possible = possibleActs(payment, now);
  const chosen = possible.find((each) => each.verb === verb);
  const underWay = actUnderWay(acts ?? []);
  const ruledUntil = ruledRefundUntil(payment, now);
  const done = act.send.data;
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="sm">
        {t("acts.title")}
      </Title>
      <Stack gap="sm">
        {act.isUnanswered && (
          <Alert color="yellow" title={t("acts.unanswered")} role="alert">
            <Stack gap="xs" align="flex-start">
              <Text size="sm">{t("acts.unansweredHint")}</Text>
              {act.send.error !== null && <FailureAlert error={act.send.error} />}
              <Button
                size="compact-md"
                onClick={() => {
                  act.send.mutate(undefined);
                }}
              >
                {t("acts.sendAgain")}
              </Button>
            </Stack>
          </Alert>
        )}
        {!act.isUnanswered && underWay !== undefined && (
          <Text size="sm" role="status">
            {t("acts.underWay", { act: t(`acts.verbs.${underWay.verb}`) })}
          </Text>
        )}
        {!act.isUnanswered && underWay === undefined && acts !== undefined && possible.length > 0 && (
          <Group gap="xs">
            {possible.map((each) => (
              <Button
                key={each.verb}
                variant={each.verb === "capture" ? "filled" : "default"}
                loading={act.send.isPending && verb === each.verb}
                disabled={act.send.isPending}
                onClick={() => {
                  act.send.reset();
                  setVerb(each.verb);
                }}
              >
                {t(`acts.verbs.${each.verb}`)}
              </Button>
            ))}
          </Group>
        )}
        {possible.length === 0 && ruledUntil === undefined && <Text size="sm">{t("acts.none")}</Text>}
        {ruledUntil !== undefined && (
          <Text size="sm">
            {t("acts.ruledRefund")} <TimeText at={ruledUntil} />
          </Text>
        )}
        {done !== undefined && (
          <Alert color={done.state === "rejected" ? "red" : "teal"} role="status">
            {t(done.state === "rejected" ? "acts.rejected" : "acts.done", {
              act: t(`acts.verbs.${done.verb}`),
              code: done.code ?? "",
            })}
          </Alert>
        )}
      </Stack>
      {chosen !== undefined && (
        <ActDialog
          payment={payment}
          act={chosen}
          isBusy={act.send.isPending}
          error={act.send.error}
          onSign={(wish) => {
            act.send.mutate(wish, {
              onSuccess: () => {
                setVerb(undefined);
              },
            });
          }}
          onClose={() => {
            setVerb(undefined);
          }}
        />
      )}
    </Card>
  );
}
