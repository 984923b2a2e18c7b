import { Anchor, Card, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

const DOORS = [
  { path: "/merchant", name: "merchant" },
  { path: "/audit", name: "audit" },
  { path: "/docs", name: "docs" },
] as const;

export function HomePage() {
  const { t } = useTranslation();
  return (
    <Stack gap="xl" py="xl">
      <Stack gap="xs" maw={720}>
        <Title order={1}>{t("home.title")}</Title>
        <Text size="lg">{t("home.lead")}</Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {DOORS.map(({ path, name }) => (
          <Card key={path} withBorder padding="lg" component="section">
            <Anchor href={path} fw={600} size="lg">
              {t(`home.${name}.title`)}
            </Anchor>
            <Text mt="xs">{t(`home.${name}.text`)}</Text>
          </Card>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
