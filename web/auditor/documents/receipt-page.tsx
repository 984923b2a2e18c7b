import { Alert, Loader, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { isHexString } from "ethers";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { checkReceipt, isGood } from "../../../sdk/record/check-receipt.ts";
import { ReceiptError } from "../../../sdk/record/receipt-fields.ts";
import { useNetwork } from "../../app/network.ts";
import { FileDrop } from "../../parts/file-drop.tsx";
import { useSource } from "../node/source-context.ts";
import { FindingList } from "./finding-list.tsx";
import { verifyFile } from "./verify-file.ts";

/** Verifies a receipt that somebody shows: first what it proves by itself, then against the node. */
export function ReceiptPage() {
  const { t } = useTranslation("auditor");
  const { rpc, source } = useSource();
  const { receiptSigner } = useNetwork();
  const [file, setFile] = useState<File>();
  const [typed, setTyped] = useState("");
  const blockHash = typed.trim().toLowerCase();
  const isWrong = blockHash !== "" && !isHexString(blockHash, 32);
  const onNode = useMutation({
    mutationFn: async (text: string) =>
      rpc === undefined || source === undefined ? null : checkReceipt(rpc, text, source),
  });
  const offline = useMutation({
    mutationFn: async ({ chosen, trusted }: { chosen: File; trusted: string }) => {
      const text = await chosen.text();
      const contracts = source?.contracts;
      return { text, result: verifyFile(text, trusted === "" ? null : trusted, contracts, receiptSigner) };
    },
    onSuccess: ({ text }) => {
      onNode.mutate(text);
    },
  });
  const check = (chosen: File | undefined, trusted: string): void => {
    onNode.reset();
    if (chosen !== undefined && (trusted === "" || isHexString(trusted, 32))) offline.mutate({ chosen, trusted });
    else offline.reset();
  };
  const result = offline.data?.result;
  const error = offline.error ?? onNode.error;
  return (
    <Stack gap="md" maw="42rem">
      <div>
        <Title order={1} size="h2">
          {t("receipt.title")}
        </Title>
        <Text c="dimmed">{t("receipt.lead")}</Text>
      </div>
      <TextInput
        label={t("receipt.blockHash")}
        description={t("receipt.blockHashHint")}
        value={typed}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        error={isWrong ? t("receipt.badBlockHash") : undefined}
        onChange={({ currentTarget: { value } }) => {
          setTyped(value);
          check(file, value.trim().toLowerCase());
        }}
      />
      <FileDrop
        hint={t("file.stays")}
        label={t("receipt.drop")}
        accept="application/json,.json"
        file={file}
        onFile={(chosen) => {
          setFile(chosen);
          check(chosen, blockHash);
        }}
      />
      {error !== null && (
        <Alert color="red" role="alert" title={t(error instanceof ReceiptError ? "receipt.noReceipt" : "read.failed")}>
          {error.message}
        </Alert>
      )}
      {result === null && <Alert color="gray">{t("receipt.noProof")}</Alert>}
      {result !== null && result !== undefined && (
        <FindingList
          title={t("receipt.offline")}
          verdict={
            result.holds
              ? t(blockHash === "" ? "receipt.goodFor" : "receipt.good", { hash: result.blockHash })
              : t("receipt.bad")
          }
          isGood={result.holds}
          findings={result.findings}
        />
      )}
      {(offline.isPending || onNode.isPending) && <Loader role="status" aria-label={t("read.label")} />}
      {onNode.data === null && <Alert color="gray">{t("receipt.noNode")}</Alert>}
      {onNode.data !== null && onNode.data !== undefined && (
        <FindingList
          title={t("receipt.byNode")}
          verdict={t(isGood(onNode.data) ? "receipt.good" : "receipt.bad")}
          isGood={isGood(onNode.data)}
          findings={onNode.data.map(({ name, ok, reason }) => ({ name, status: ok ? "ok" : "failed", reason }))}
        />
      )}
    </Stack>
  );
}
