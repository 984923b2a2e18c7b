import { Button, Group, Modal, Radio, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { type Grace, GRACES } from "./key-choices.ts";

interface Props {
  readonly id: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
}

/** Gives a key another secret, the former staying good for a while. */
export function KeyRotation({ id, isOpen, onClose, onSecret }: Props) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [grace, setGrace] = useState<Grace>("day");
  const rotating = useMutation({
    mutationFn: () => client.rotateKey(id, GRACES[grace]),
    onSuccess: ({ key }) => {
      onClose();
      onSecret(key);
      return queries.invalidateQueries({ queryKey: ["keys"] });
    },
    // The answer has the secret, which is kept nowhere.
    gcTime: 0,
  });
  return (
    <Modal opened={isOpen} onClose={onClose} title={t("developers.rotateTitle")} withCloseButton={false}>
      <Stack>
        <Radio.Group
          label={t("developers.grace")}
          value={grace}
          onChange={(value) => {
            setGrace(value);
          }}
        >
          <Stack gap="xs" mt="xs">
            {Object.keys(GRACES).map((name) => (
              <Radio key={name} value={name} label={t(`developers.graces.${name}`)} />
            ))}
          </Stack>
        </Radio.Group>
        {rotating.error !== null && <FailureAlert error={rotating.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("developers.cancel")}
          </Button>
          <Button
            loading={rotating.isPending}
            onClick={() => {
              rotating.mutate();
            }}
          >
            {t("developers.rotate")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
