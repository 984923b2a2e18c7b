import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { FailureAlert } from "../frame/failure-alert.tsx";

interface Props {
  readonly title: string;
  /** What it leads to. */
  readonly text: string;
  readonly act: string;
  readonly isOpen: boolean;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirmation({ title, text, act, isOpen, isBusy, error, onConfirm, onClose }: Props) {
  const { t } = useTranslation("merchant");
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} withCloseButton={false}>
      <Stack>
        <Text size="sm">{text}</Text>
        {error !== null && <FailureAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t("developers.cancel")}
          </Button>
          <Button color="red" loading={isBusy} onClick={onConfirm}>
            {act}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
