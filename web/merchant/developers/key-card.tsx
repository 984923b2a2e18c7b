import { Badge, Button, Card, Code, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { ApiKeyView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { Confirmation } from "./confirmation.tsx";
import { keyState, scopeText } from "./key-choices.ts";
import { KeyRotation } from "./key-rotation.tsx";

/** A key: what it may do, when it was used, and how to end it. */
export function KeyCard({ apiKey, onSecret }: { apiKey: ApiKeyView; onSecret: (secret: string) => void }) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [isRevoking, revocation] = useDisclosure(false);
  const [isRotating, rotation] = useDisclosure(false);
  const { id, name, prefix, scopes, createdAt, lastUsedAt, previousUntil } = apiKey;
  const now = Date.now();
  const state = keyState(apiKey, now);
  const revoking = useMutation({
    mutationFn: () => client.revokeKey(id),
    onSuccess: () => {
      revocation.close();
      return queries.invalidateQueries({ queryKey: ["keys"] });
    },
  });
  return (
    <Card withBorder padding="md">
      <Stack gap="xs">
        <Group justify="space-between" align="start">
          <Group gap="xs">
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {name}
            </Text>
            {state !== "good" && <Badge color="gray">{t(`developers.keyStates.${state}`)}</Badge>}
          </Group>
          {state === "good" && (
            <Group gap="xs">
              <Button size="compact-sm" variant="default" onClick={rotation.open}>
                {t("developers.rotate")}
              </Button>
              <Button size="compact-sm" variant="light" color="red" onClick={revocation.open}>
                {t("developers.revoke")}
              </Button>
            </Group>
          )}
        </Group>
        <Code style={{ alignSelf: "start", wordBreak: "break-all" }}>{`${prefix}…`}</Code>
        <Text size="sm">
          {scopes.map((scope) => t(`developers.scopes.${scopeText(scope)}`, { defaultValue: scope })).join(" · ")}
        </Text>
        <Text size="xs" c="dimmed">
          {t("developers.made")} <TimeText at={createdAt} />
          {" · "}
          {lastUsedAt === null ? (
            t("developers.neverUsed")
          ) : (
            <>
              {t("developers.lastUsed")} <TimeText at={lastUsedAt} />
            </>
          )}
        </Text>
        {state === "good" && previousUntil !== null && Date.parse(previousUntil) > now && (
          <Text size="xs" c="dimmed">
            {t("developers.formerUntil")} <TimeText at={previousUntil} />
          </Text>
        )}
      </Stack>
      <KeyRotation id={id} isOpen={isRotating} onClose={rotation.close} onSecret={onSecret} />
      <Confirmation
        title={t("developers.revokeTitle", { name })}
        text={t("developers.revokeHint")}
        act={t("developers.revoke")}
        isOpen={isRevoking}
        isBusy={revoking.isPending}
        error={revoking.error}
        onConfirm={() => {
          revoking.mutate();
        }}
        onClose={revocation.close}
      />
    </Card>
  );
}
