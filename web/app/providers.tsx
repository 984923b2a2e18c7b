import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";

import { ProblemError } from "../../sdk/client.ts";
import { applyKeptSize } from "./reading-size.ts";
import { router } from "./router.tsx";
import { colorsWithContrast, theme } from "./theme.ts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the relayer refused, it would refuse again.
      retry: (count, error) => !(error instanceof ProblemError && error.problem.status < 500) && count < 3,
    },
  },
});

const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";
// What locks the scroll behind dialogs looks for the nonce of its style there.
Object.assign(globalThis, { __webpack_nonce__: nonce });
applyKeptSize();

export function Providers() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={colorsWithContrast}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
