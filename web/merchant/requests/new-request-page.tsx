import { Stack, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { ProblemError } from "../../../sdk/client.ts";
import { newSalt } from "../../../sdk/record/memo.ts";
import { client } from "../../app/client.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { type Invoice, invoiceOfFile, invoiceOfForm } from "./invoice.ts";
import { KeepInvoice } from "./keep-invoice.tsx";
import { formField, readRequestForm, type RequestForm } from "./request-form.ts";
import { RequestFields } from "./request-fields.tsx";
import { useRequestForm } from "./use-request-form.ts";

export function NewRequestPage() {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const { address } = useMerchant();
  const queries = useQueryClient();
  const form = useRequestForm(network.currencies[0]?.token ?? "");
  const [file, setFile] = useState<File | null>(null);
  // One of each a form: sent again after a lost answer it is the same request.
  const [{ key, salt }] = useState(() => ({ key: crypto.randomUUID(), salt: newSalt() }));
  const create = useMutation({
    mutationFn: async (values: RequestForm) => {
      const currency = findCurrency(network, values.token);
      const invoice: Invoice | undefined =
        file !== null ? await invoiceOfFile(file, salt) : currency && invoiceOfForm(values, currency, address, salt);
      const read = readRequestForm(values, currency, invoice?.memo ?? "", BigInt(Math.floor(Date.now() / 1_000)));
      if ("mistakes" in read || invoice === undefined) {
        const mistakes = Object.entries("mistakes" in read ? read.mistakes : {});
        form.setErrors(
          Object.fromEntries(mistakes.map(([name, mistake]) => [name, t(`requests.mistakes.${mistake}`)])),
        );
        return undefined;
      }
      return { invoice, request: await client.createPaymentRequest(read.body, key) };
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["requests"] }),
    onError: (error) => {
      const field = error instanceof ProblemError ? formField(error.problem.field) : undefined;
      if (field !== undefined && error instanceof ProblemError) {
        form.setFieldError(field, error.problem.expected ?? error.problem.detail);
      }
    },
  });
  if (create.data !== undefined) return <KeepInvoice {...create.data} />;
  return (
    <Stack maw={640}>
      <Title order={1}>{t("requests.new")}</Title>
      <form
        noValidate
        onSubmit={form.onSubmit((values) => {
          create.mutate(values);
        })}
      >
        <RequestFields form={form} file={file} onFile={setFile} isBusy={create.isPending}>
          {create.error !== null && <FailureAlert error={create.error} title={t("requests.notCreated")} />}
        </RequestFields>
      </form>
    </Stack>
  );
}
