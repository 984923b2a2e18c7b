import { Badge, Button, Collapse, Group, Paper, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconServer } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../../app/network.ts";
import { SourceForm } from "./source-form.tsx";
import { useSource } from "./source-context.ts";

/** Which node is asked, always in sight, and how to ask another. */
export function NodeBar() {
  const { t } = useTranslation("auditor");
  const { chainId } = useNetwork();
  const { source, own } = useSource();
  const [isOpen, { toggle, close }] = useDisclosure(source === undefined);
  return (
    <Paper withBorder px="md" py="xs">
      <Group justify="space-between" gap="xs">
        <Group gap="xs" style={{ minWidth: 0, flex: "1 1 14rem" }} wrap="nowrap">
          <IconServer size="1.1rem" aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {source === undefined ? t("node.none") : t("node.asked", { url: source.rpcUrl, chainId })}
          </Text>
        </Group>
        <Group gap="xs">
          <Badge variant="light" color={Object.keys(own).length > 0 ? "teal" : "gray"}>
            {t(Object.keys(own).length > 0 ? "node.yours" : "node.default")}
          </Badge>
          <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={isOpen}>
            {t("node.change")}
          </Button>
        </Group>
      </Group>
      <Collapse expanded={isOpen}>{isOpen && <SourceForm onDone={close} />}</Collapse>
    </Paper>
  );
}
