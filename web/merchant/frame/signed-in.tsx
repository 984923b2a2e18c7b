import { Button, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconLogout } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { HexText } from "../../parts/hex-text.tsx";
import { FailureAlert } from "./failure-alert.tsx";
import { forgetWallet } from "./kept-wallet.ts";
import { sessionQuery } from "./session.ts";

/** Who is signed in, as she shows herself, and the way out. */
export function SignedIn({ address }: { address: string }) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const profile = useQuery({ queryKey: ["profile", address], queryFn: () => client.merchantProfile(address) });
  const signOut = useMutation({
    mutationFn: () => client.signOut(),
    onSuccess: () => {
      forgetWallet();
      // What was read belongs to whoever was signed in.
      queries.setQueryData(sessionQuery.queryKey, null);
      queries.removeQueries({ predicate: ({ queryKey: [name] }) => name !== "session" && name !== "network" });
    },
  });
  return (
    <Stack gap={4} align="flex-start">
      <Text size="xs" c="dimmed">
        {t("frame.signedInAs")}
      </Text>
      {typeof profile.data?.name === "string" && <Text fw={600}>{profile.data.name}</Text>}
      <HexText value={address} />
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        px={0}
        leftSection={<IconLogout size="1rem" aria-hidden />}
        loading={signOut.isPending}
        onClick={() => {
          signOut.mutate();
        }}
      >
        {t("frame.signOut")}
      </Button>
      {signOut.error !== null && <FailureAlert error={signOut.error} />}
    </Stack>
  );
}
