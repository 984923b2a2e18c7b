import { Center, Loader, NativeSelect, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { DECIMAL_MARKS, type DecimalMark } from "../../../sdk/reconcile/decimal-mark.ts";
import { client } from "../../app/client.ts";
import { FileDrop } from "../../parts/file-drop.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { type Days, spanOf, usualDays } from "./reconciliation-days.ts";
import { ReconciliationResult } from "./reconciliation-result.tsx";

/** Holds a file of the merchant's orders against what was paid. */
export function ReconciliationPage() {
  const { t } = useTranslation("merchant");
  const [days, setDays] = useState(() => usualDays(new Date()));
  const [decimal, setDecimal] = useState<DecimalMark>();
  const [file, setFile] = useState<File>();
  const span = spanOf(days);
  const compare = useMutation({
    mutationFn: ({
      orders,
      from,
      to,
      mark,
    }: {
      orders: File;
      from: number;
      to: number;
      mark: DecimalMark | undefined;
    }) => client.reconcile(orders, { from, to, ...(mark === undefined ? {} : { decimal: mark }) }),
  });
  /** Compares anew; what is on screen is always of what the fields say. */
  const run = (orders: File | undefined, at: Days, mark: DecimalMark | undefined): void => {
    const within = spanOf(at);
    if (orders === undefined || within === undefined) compare.reset();
    else compare.mutate({ orders, ...within, mark });
  };
  const day = (name: "from" | "to") => ({
    label: t(`reconciliation.${name}`),
    type: "date",
    value: days[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      const changed = { ...days, [name]: value };
      setDays(changed);
      run(file, changed, decimal);
    },
  });
  return (
    <Stack gap="lg">
      <Stack gap={4}>
        <Title order={1}>{t("reconciliation.title")}</Title>
        <Text c="dimmed">{t("reconciliation.lead")}</Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
        <TextInput {...day("from")} />
        <TextInput {...day("to")} {...(span === undefined ? { error: t("reconciliation.badDates") } : {})} />
        <NativeSelect
          label={t("reconciliation.decimal")}
          value={decimal ?? "auto"}
          data={["auto", ...DECIMAL_MARKS].map((value) => ({ value, label: t(`reconciliation.decimals.${value}`) }))}
          onChange={({ currentTarget: { value } }) => {
            const mark = DECIMAL_MARKS.find((known) => known === value);
            setDecimal(mark);
            run(file, days, mark);
          }}
        />
      </SimpleGrid>
      <FileDrop
        label={t("reconciliation.drop")}
        hint={t("reconciliation.hint")}
        accept="text/csv,.csv"
        file={file}
        onFile={(chosen) => {
          setFile(chosen);
          run(chosen, days, decimal);
        }}
      />
      {compare.isPending && (
        <Center mih={160}>
          <Loader role="status" aria-label={t("reconciliation.working")} />
        </Center>
      )}
      {compare.error !== null && <FailureAlert error={compare.error} title={t("reconciliation.failed")} />}
      {compare.data === undefined ? (
        <Text size="sm" c="dimmed">
          {t("reconciliation.format")}
        </Text>
      ) : (
        <ReconciliationResult key={compare.submittedAt} result={compare.data} />
      )}
    </Stack>
  );
}
