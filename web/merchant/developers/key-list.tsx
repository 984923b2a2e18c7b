import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { KeyCard } from "./key-card.tsx";
import { KeyForm } from "./key-form.tsx";
import { SecretShown } from "./secret-shown.tsx";

/** Her keys, and the making of one. */
export function KeyList() {
  const { t } = useTranslation("merchant");
  const [isMaking, { open, close }] = useDisclosure(false);
  const [secret, setSecret] = useState<string>();
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["keys"],
    queryFn: ({ pageParam }) => client.keys({ limit: "20", ...(pageParam === "" ? {} : { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
  });
  const keys = data?.pages.flatMap((page) => page.keys) ?? [];
  return (
    <Stack component="section" gap="md">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t("developers.keys")}
        </Title>
        <Button variant="light" onClick={open}>
          {t("developers.makeKey")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t("developers.keysHint")}
      </Text>
      {isPending && <Skeleton h={80} />}
      {error !== null && <FailureAlert error={error} />}
      {data !== undefined && keys.length === 0 && <Text>{t("developers.noKeys")}</Text>}
      {keys.map((key) => (
        <KeyCard key={key.id} apiKey={key} onSecret={setSecret} />
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("developers.more")}
        </Button>
      )}
      <KeyForm
        isOpen={isMaking}
        onClose={close}
        onMade={(made) => {
          close();
          setSecret(made);
        }}
      />
      <SecretShown
        title={t("developers.newKey")}
        secret={secret}
        onDone={() => {
          setSecret(undefined);
        }}
      />
    </Stack>
  );
}
