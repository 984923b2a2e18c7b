import { Alert, List, Loader, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { checkReceipt, isGood } from "../../../sdk/record/check-receipt.ts";
import { ReceiptError } from "../../../sdk/record/receipt-fields.ts";
import { useSource } from "../node/source-context.ts";
import { FileDrop } from "./file-drop.tsx";

/** Holds a receipt that somebody shows against the chain. */
export function ReceiptPage() {
  const { t } = useTranslation("auditor");
  const { rpc, source } = useSource();
  const [file, setFile] = useState<File>();
  const check = useMutation({
    mutationFn: async (chosen: File) => {
      if (rpc === undefined || source === undefined) throw new TypeError(t("node.none"));
      return checkReceipt(rpc, await chosen.text(), source);
    },
  });
  const checks = check.data;
  return (
    <Stack gap="md" maw="42rem">
      <div>
        <Title order={1} size="h2">
          {t("receipt.title")}
        </Title>
        <Text c="dimmed">{t("receipt.lead")}</Text>
      </div>
      <FileDrop
        label={t("receipt.drop")}
        accept="application/json,.json"
        file={file}
        onFile={(chosen) => {
          setFile(chosen);
          check.mutate(chosen);
        }}
      />
      {check.isPending && <Loader aria-label={t("read.label")} />}
      {check.error !== null && (
        <Alert
          color="red"
          role="alert"
          title={t(check.error instanceof ReceiptError ? "receipt.noReceipt" : "read.failed")}
        >
          {check.error.message}
        </Alert>
      )}
      {checks !== undefined && (
        <>
          <Alert
            role="status"
            color={isGood(checks) ? "teal" : "red"}
            title={t(isGood(checks) ? "receipt.good" : "receipt.bad")}
          />
          <List spacing="sm" listStyleType="none">
            {checks.map(({ name, ok, reason }) => (
              <List.Item
                key={name}
                icon={
                  <ThemeIcon color={ok ? "teal" : "red"} size="sm" radius="xl" aria-hidden>
                    {ok ? <IconCheck size="0.9rem" /> : <IconX size="0.9rem" />}
                  </ThemeIcon>
                }
              >
                <Text>
                  {t(`receipt.checks.${name}`)}
                  {": "}
                  <Text span fw={600}>
                    {t(ok ? "receipt.ok" : "receipt.failed")}
                  </Text>
                </Text>
                {reason !== null && (
                  <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {reason}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  );
}
