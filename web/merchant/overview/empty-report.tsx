import { Button, Card, Stack, Text, Title } from "@mantine/core";
import { IconFileInvoice } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** Leads a merchant without payments to her first request. */
export function EmptyReport() {
  const { t } = useTranslation("merchant");
  return (
    <Card withBorder padding="xl">
      <Stack align="center" ta="center" gap="md">
        <IconFileInvoice size="2.5rem" stroke={1.25} aria-hidden />
        <Title order={2} size="h4">
          {t("overview.emptyTitle")}
        </Title>
        <Text c="dimmed" maw={440}>
          {t("overview.emptyHint")}
        </Text>
        <Button component="a" href="/merchant/requests">
          {t("overview.firstRequest")}
        </Button>
      </Stack>
    </Card>
  );
}
