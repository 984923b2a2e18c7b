import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { isKeyName, KEY_SCOPES, scopeText } from "./key-choices.ts";

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** With the secret. */
  readonly onMade: (secret: string) => void;
}

/** Makes a key. */
export function KeyForm({ isOpen, onClose, onMade }: Props) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>(["payments:read"]);
  const [isTried, setTried] = useState(false);
  const making = useMutation({
    mutationFn: () => client.createKey({ name: name.trim(), scopes }),
    onSuccess: ({ key }) => {
      setName("");
      setTried(false);
      onMade(key);
      return queries.invalidateQueries({ queryKey: ["keys"] });
    },
    // The answer has the secret, which is kept nowhere.
    gcTime: 0,
  });
  const isNamed = isKeyName(name.trim());

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if (isNamed && scopes.length > 0) making.mutate();
  };

  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t("developers.makeKey")}
      closeButtonProps={{ "aria-label": t("developers.cancel") }}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("developers.keyName")}
            description={t("developers.keyNameHint")}
            value={name}
            maxLength={100}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
            error={isTried && !isNamed && t("developers.nameMissing")}
            data-autofocus
          />
          <Checkbox.Group
            label={t("developers.mayDo")}
            value={scopes}
            onChange={setScopes}
            error={isTried && scopes.length === 0 && t("developers.scopeMissing")}
          >
            <Stack gap="xs" my="xs">
              {KEY_SCOPES.map((scope) => (
                <Checkbox
                  key={scope}
                  value={scope}
                  label={t(`developers.scopes.${scopeText(scope)}`)}
                  description={scope}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {making.error !== null && <FailureAlert error={making.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={making.isPending}>
              {t("developers.make")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
