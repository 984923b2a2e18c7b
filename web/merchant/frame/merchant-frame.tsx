import { Box, Grid, Stack } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { getAddress } from "ethers";

import { ContractsNotice } from "../../parts/contracts-notice.tsx";
import { MerchantProvider } from "./merchant-provider.tsx";
import { NavigationList, NavigationMenu } from "./navigation.tsx";
import { sessionQuery } from "./session.ts";
import { SignInPage } from "./sign-in-page.tsx";
import { SignedIn } from "./signed-in.tsx";

/** Everything of a merchant: signing in, then her pages beside their navigation. */
export function MerchantFrame() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  if (session === null) return <SignInPage />;
  const address = getAddress(session.address);
  return (
    <MerchantProvider key={address} address={address}>
      <Box hiddenFrom="sm" mb="md">
        <NavigationMenu />
      </Box>
      <Grid gap="xl">
        <Grid.Col span={3} visibleFrom="sm">
          <Stack gap="lg" pos="sticky" top="1rem">
            <NavigationList />
            <SignedIn address={address} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 9 }}>
          <Stack gap="lg">
            <ContractsNotice />
            <Outlet />
          </Stack>
        </Grid.Col>
      </Grid>
      <Box hiddenFrom="sm" mt="xl">
        <SignedIn address={address} />
      </Box>
    </MerchantProvider>
  );
}
