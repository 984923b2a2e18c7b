import { Anchor, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { EndpointList } from "./endpoint-list.tsx";
import { KeyList } from "./key-list.tsx";

/** What a merchant's own software needs: keys, and messages of events. */
export function DevelopersPage() {
  const { t } = useTranslation("merchant");
  return (
    <Stack gap="xl">
      <Stack gap={4}>
        <Title order={1}>{t("frame.pages.developers")}</Title>
        <Text c="dimmed">
          {t("developers.lead")}{" "}
          <Anchor href="/docs" underline="always">
            {t("developers.reference")}
          </Anchor>
        </Text>
      </Stack>
      <KeyList />
      <EndpointList />
    </Stack>
  );
}
