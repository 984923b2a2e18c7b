import { Button, Checkbox, FileInput, Group, NativeSelect, Radio, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../../app/network.ts";
import { countryChoices } from "../overview/countries.ts";
import { HoldFields } from "./hold-fields.tsx";
import type { RequestFormApi } from "./use-request-form.ts";

interface Props {
  readonly form: RequestFormApi;
  readonly file: File | null;
  readonly onFile: (file: File | null) => void;
  readonly isBusy: boolean;
  /** What went wrong, above the button. */
  readonly children: ReactNode;
}

export function RequestFields({ form, file, onFile, isBusy, children }: Props) {
  const { t, i18n } = useTranslation("merchant");
  const { currencies, escrow } = useNetwork();
  return (
    <Stack>
      <TextInput
        label={t("requests.fields.title")}
        description={t("requests.hints.title")}
        {...form.getInputProps("title")}
      />
      <Group align="flex-start" gap="sm" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label={t("requests.fields.amount")}
          inputMode="decimal"
          required
          {...form.getInputProps("amount")}
        />
        <NativeSelect
          label={t("requests.fields.token")}
          data={currencies.map(({ token, code }) => ({ value: token, label: code }))}
          {...form.getInputProps("token")}
        />
      </Group>
      <TextInput
        type="datetime-local"
        label={t("requests.fields.expiresAt")}
        required
        {...form.getInputProps("expiresAt")}
      />
      <NativeSelect
        label={t("requests.fields.payerCountry")}
        data={[{ value: "", label: t("requests.anyCountry") }, ...countryChoices(i18n.resolvedLanguage ?? "en")]}
        {...form.getInputProps("payerCountry")}
      />
      <Checkbox label={t("requests.fields.isReusable")} {...form.getInputProps("isReusable", { type: "checkbox" })} />
      {escrow !== null && (
        <Radio.Group label={t("requests.fields.capture")} {...form.getInputProps("capture")}>
          <Stack gap="xs" mt="xs">
            <Radio
              value="automatic"
              label={t("requests.captures.automatic")}
              description={t("requests.hints.automatic")}
            />
            <Radio value="manual" label={t("requests.captures.manual")} description={t("requests.hints.manual")} />
          </Stack>
        </Radio.Group>
      )}
      {form.values.capture === "manual" && <HoldFields form={form} />}
      <FileInput
        label={t("requests.fields.invoice")}
        description={t("requests.hints.invoice")}
        placeholder={t("acts.chooseFile")}
        value={file}
        onChange={onFile}
        clearable
        clearButtonProps={{ "aria-label": t("acts.removeFile") }}
      />
      {children}
      <Button type="submit" w="fit-content" loading={isBusy}>
        {t("requests.create")}
      </Button>
    </Stack>
  );
}
