import { Anchor, Box, Group, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { RecordStep } from "../../sdk/record/record-steps.ts";
import { Amount } from "../parts/amount.tsx";
import { HexText } from "../parts/hex-text.tsx";
import { shortAddress } from "../parts/short-address.ts";
import { TimeText } from "../parts/time-text.tsx";
import { type ShownField, shownFields, type StepTokens } from "./payments/step-fields.ts";
import { RecordLink } from "./record-link.tsx";

/** Events in the chain's order, each decoded. @param tokensOf The currencies of an event's amounts. */
export function StepsTimeline({
  steps,
  tokensOf,
  about,
}: {
  steps: readonly RecordStep[];
  about?: string;
  tokensOf: (step: RecordStep) => StepTokens;
}) {
  const { t, i18n } = useTranslation("auditor");
  return (
    <Stack component="ol" gap="sm" p={0} m={0} style={{ listStyle: "none" }}>
      {steps.map((step) => (
        <Paper key={`${step.blockNumber}:${step.logIndex}`} component="li" withBorder p="md">
          <Group justify="space-between" gap="xs" mb="xs">
            <Text fw={600}>
              {t(`events.${step.contract}.${step.event}`, { defaultValue: step.event })}{" "}
              <Text span size="xs" c="dimmed" ff="monospace">
                {`${step.contract}.${step.event}`}
              </Text>
            </Text>
            <Text size="sm" c="dimmed">
              <TimeText at={step.timestamp} />
            </Text>
          </Group>
          <Text size="sm" c="dimmed" mb="sm">
            {t("block", { number: new Intl.NumberFormat(i18n.resolvedLanguage).format(step.blockNumber) })}
            {" · "}
            <Anchor component={RecordLink} kind="transactions" value={step.transactionHash} size="sm" ff="monospace">
              {shortAddress(step.transactionHash)}
            </Anchor>
          </Text>
          <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3 }} spacing="xs" m={0}>
            {shownFields(step, tokensOf(step), about).map((field) => (
              <Box key={field.path} style={{ minWidth: 0 }}>
                <Text component="dt" size="xs" c="dimmed">
                  {t(`fields.${field.path.split(".").at(-1) ?? ""}`, { defaultValue: field.path })}
                </Text>
                <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>
                  <Field field={field} />
                </Text>
              </Box>
            ))}
          </SimpleGrid>
        </Paper>
      ))}
    </Stack>
  );
}

function Field({ field }: { field: ShownField }) {
  const { t, i18n } = useTranslation("auditor");
  switch (field.kind) {
    case "amount":
      return field.token === null ? (
        t("unknownCurrency", { value: String(field.value) })
      ) : (
        <Amount token={field.token} value={field.value} />
      );
    case "time":
      return <TimeText at={field.value} />;
    case "share":
      return new Intl.NumberFormat(i18n.resolvedLanguage, { style: "percent", maximumFractionDigits: 2 }).format(
        Number(field.value) / 10_000,
      );
    case "code":
      return t(`codes.${field.value}`, { defaultValue: field.value });
    case "address":
      return /^0x0*$/.test(field.value) ? t("nobody") : <HexText value={field.value} what={t("search.as.address")} />;
    case "hex":
      return <HexText value={field.value} what={field.path} />;
    case "text":
      return field.value;
  }
}
