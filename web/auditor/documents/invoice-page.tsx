import { Alert, Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { HexText } from "../../parts/hex-text.tsx";
import { FileDrop } from "../../parts/file-drop.tsx";
import { useSource } from "../node/source-context.ts";
import { readSearch } from "../search-text.ts";
import { checkInvoice } from "./check-invoice.ts";

/** Whether a payment was for an invoice that somebody shows. */
export function InvoicePage() {
  const { t } = useTranslation("auditor");
  const { rpc, source } = useSource();
  const [file, setFile] = useState<File>();
  const [salt, setSalt] = useState("");
  const [memo, setMemo] = useState("");
  const [saltWord, memoWord] = [readSearch(salt), readSearch(memo)];
  const check = useMutation({
    mutationFn: async (asked: { file: File; salt: string; memo: string }) => {
      const bytes = new Uint8Array(await asked.file.arrayBuffer());
      const node = rpc === undefined || source === undefined ? undefined : { rpc, ...source };
      return checkInvoice(bytes, asked.salt, asked.memo, node);
    },
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (file === undefined || saltWord.kind !== "word" || memoWord.kind !== "word") return;
    check.mutate({ file, salt: saltWord.word, memo: memoWord.word });
  };
  const wrong = (kind: string): string | undefined =>
    kind === "word" || kind === "nothing" ? undefined : t("invoice.unreadable");
  return (
    <Stack gap="md" maw="42rem">
      <div>
        <Title order={1} size="h2">
          {t("invoice.title")}
        </Title>
        <Text c="dimmed">{t("invoice.lead")}</Text>
      </div>
      <Stack component="form" onSubmit={submit} gap="md">
        <FileDrop
          hint={t("file.stays")}
          label={t("invoice.drop")}
          file={file}
          onFile={(chosen) => {
            setFile(chosen);
            check.reset();
          }}
        />
        <TextInput
          label={t("invoice.salt")}
          description={t("invoice.saltHint")}
          value={salt}
          onChange={(event) => {
            setSalt(event.currentTarget.value);
            check.reset();
          }}
          error={wrong(saltWord.kind)}
          autoComplete="off"
        />
        <TextInput
          label={t("invoice.memo")}
          value={memo}
          onChange={(event) => {
            setMemo(event.currentTarget.value);
            check.reset();
          }}
          error={wrong(memoWord.kind)}
          autoComplete="off"
        />
        <Button
          type="submit"
          style={{ alignSelf: "flex-start" }}
          loading={check.isPending}
          disabled={file === undefined || saltWord.kind !== "word" || memoWord.kind !== "word"}
        >
          {t("invoice.check")}
        </Button>
      </Stack>
      {check.error !== null && (
        <Alert color="red" role="alert" title={t("read.failed")}>
          {check.error.message}
        </Alert>
      )}
      {check.data !== undefined && (
        <Alert
          role="status"
          color={check.data.matches === "no" ? "red" : "teal"}
          title={t(`invoice.answers.${check.data.matches}.title`)}
        >
          <Text size="sm">{t(`invoice.answers.${check.data.matches}.text`)}</Text>
          <Text size="sm" mt="xs">
            {t("invoice.computed")} <HexText value={check.data.memo} what={t("search.as.memo")} />
          </Text>
        </Alert>
      )}
    </Stack>
  );
}
