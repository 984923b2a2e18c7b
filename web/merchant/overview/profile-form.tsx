import { Button, Card, Group, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import type { MerchantProfile } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { countryChoices } from "./countries.ts";

const MAX_NAME = 80;

/** Her name and country, as payers read them. */
export function ProfileForm({ profile }: { profile: MerchantProfile }) {
  const { t, i18n } = useTranslation("merchant");
  const queries = useQueryClient();
  const [name, setName] = useState(profile.name ?? "");
  const [country, setCountry] = useState(profile.country);
  const language = i18n.resolvedLanguage ?? "en";
  const countries = useMemo(() => [...countryChoices(language)], [language]);
  const saving = useMutation({
    mutationFn: () =>
      client.setMerchantProfile({ merchant: profile.merchant, name: name.trim() === "" ? null : name.trim(), country }),
    onSuccess: (saved) => {
      queries.setQueryData(["profile", profile.merchant], saved);
    },
  });

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    saving.mutate();
  };

  return (
    <Card withBorder padding="lg" component="section">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h4">
            {t("overview.profile")}
          </Title>
          <Text size="sm" c="dimmed">
            {t("overview.profileHint")}
          </Text>
          <Group grow align="start" preventGrowOverflow={false}>
            <TextInput
              label={t("overview.name")}
              value={name}
              maxLength={MAX_NAME}
              autoComplete="organization"
              onChange={(event) => {
                setName(event.currentTarget.value);
                saving.reset();
              }}
            />
            <Select
              label={t("overview.country")}
              placeholder={t("overview.noCountry")}
              data={countries}
              value={country}
              onChange={(value) => {
                setCountry(value);
                saving.reset();
              }}
              searchable
              clearable
              clearButtonProps={{ "aria-label": t("overview.noCountry") }}
            />
          </Group>
          {saving.error !== null && <FailureAlert error={saving.error} />}
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {t("overview.save")}
            </Button>
            <Text size="sm" role="status">
              {saving.isSuccess && t("overview.saved")}
            </Text>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
