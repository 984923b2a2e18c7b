import { ActionIcon, Button, Fieldset, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { MAX_SPLITS } from "../../../sdk/hold.ts";
import type { RequestFormApi } from "./use-request-form.ts";

/** What the payer agrees to of a payment that is held first. */
export function HoldFields({ form }: { form: RequestFormApi }) {
  const { t } = useTranslation("merchant");
  const { splits } = form.values;
  return (
    <Fieldset legend={t("requests.hold")}>
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            type="datetime-local"
            label={t("requests.fields.captureDeadline")}
            description={t("requests.hints.captureDeadline")}
            required
            {...form.getInputProps("captureDeadline")}
          />
          <TextInput
            type="datetime-local"
            label={t("requests.fields.refundDeadline")}
            description={t("requests.hints.refundDeadline")}
            {...form.getInputProps("refundDeadline")}
          />
        </SimpleGrid>
        <TextInput
          label={t("requests.fields.arbiter")}
          description={t("requests.hints.arbiter")}
          spellCheck={false}
          {...form.getInputProps("arbiter")}
        />
        {form.values.arbiter.trim() !== "" && (
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label={t("requests.fields.rulingDays")}
              inputMode="numeric"
              {...form.getInputProps("rulingDays")}
            />
            <TextInput
              label={t("requests.fields.payerPercent")}
              inputMode="decimal"
              {...form.getInputProps("payerPercent")}
            />
          </SimpleGrid>
        )}
        {splits.map((_, index) => (
          // Splits have no names of their own, and each field shows what is in the form.
          <Group key={index} align="flex-start" gap="xs" wrap="nowrap">
            <TextInput
              style={{ flex: 1 }}
              label={t("requests.fields.recipient")}
              spellCheck={false}
              {...form.getInputProps(`splits.${index}.recipient`)}
            />
            <TextInput
              w="6rem"
              label={t("requests.fields.share")}
              inputMode="decimal"
              {...form.getInputProps(`splits.${index}.percent`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              mt="1.6rem"
              aria-label={t("requests.removeSplit")}
              onClick={() => {
                form.removeListItem("splits", index);
              }}
            >
              <IconTrash size="1.1rem" aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        {form.errors.splits !== undefined && (
          <Text size="sm" c="red" role="alert">
            {form.errors.splits}
          </Text>
        )}
        {splits.length < MAX_SPLITS && (
          <Button
            variant="subtle"
            w="fit-content"
            px={0}
            leftSection={<IconPlus size="1rem" aria-hidden />}
            onClick={() => {
              form.insertListItem("splits", { recipient: "", percent: "" });
            }}
          >
            {t("requests.addSplit")}
          </Button>
        )}
      </Stack>
    </Fieldset>
  );
}
