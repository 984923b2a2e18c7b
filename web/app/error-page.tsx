import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { ProblemError } from "../../sdk/client.ts";

export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const isRefused = error instanceof ProblemError;
  return (
    <Stack maw={560} mx="auto" py="xl">
      <Title order={1} size="h3">
        {t(isRefused ? "errors.refused" : "errors.unreachable")}
      </Title>
      <Alert color="red" role="alert">
        <Text>{isRefused ? error.problem.detail : t("errors.unreachableHint")}</Text>
        {isRefused && (
          <Text size="sm" c="dimmed">
            {error.problem.code}
          </Text>
        )}
      </Alert>
      <Button
        w="fit-content"
        onClick={() => {
          reset();
          void router.invalidate();
        }}
      >
        {t("tryAgain")}
      </Button>
    </Stack>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Stack maw={560} mx="auto" py="xl">
      <Title order={1} size="h3">
        {t("errors.notFound")}
      </Title>
      <Text>{t("errors.notFoundHint")}</Text>
    </Stack>
  );
}
