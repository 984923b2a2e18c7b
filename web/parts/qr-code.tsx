import { useQuery } from "@tanstack/react-query";
import { Box, Skeleton } from "@mantine/core";

/** A QR code, dark on white whatever the colours of the page, as readers expect. @param label What it leads to. */
export function QrCode({ text, label, size = "14rem" }: { text: string; label: string; size?: string }) {
  const { data } = useQuery({
    queryKey: ["qr", text],
    queryFn: async () => {
      const { default: qrcode } = await import("qrcode");
      return qrcode.toDataURL(text, { errorCorrectionLevel: "M", margin: 4, scale: 6 });
    },
    staleTime: Infinity,
  });
  if (data === undefined) return <Skeleton w={size} h={size} />;
  return (
    <Box w={size} h={size} bg="white" style={{ borderRadius: "var(--mantine-radius-md)", overflow: "hidden" }}>
      <img
        src={data}
        alt={label}
        width="100%"
        height="100%"
        style={{ imageRendering: "pixelated", display: "block" }}
      />
    </Box>
  );
}
