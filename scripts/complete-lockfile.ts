/**
 * Adds the optional packages of other platforms that npm left out of package-lock.json, as it does when it makes the file
 * where they can't be fetched (npm/cli#4828). Without them `npm ci` fails, everywhere. Run it after npm install.
 */
import { readFile, writeFile } from "node:fs/promises";

interface Package {
  version: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const file = "package-lock.json";
const lock = JSON.parse(await readFile(file, "utf8")) as { packages: Record<string, Package> };
const added: string[] = [];
for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    const isExact = /^\d+\.\d+\.\d+/.test(version);
    if (!isExact || Object.keys(lock.packages).some((key) => key.endsWith(place))) continue;
    // In npm's order, so that its next install leaves the file alone.
    const { cpu, libc, os } = platformOf(name);
    lock.packages[place] = {
      version,
      ...(cpu && { cpu }),
      ...(dev && { dev }),
      ...(libc && { libc }),
      optional: true,
      ...(os && { os }),
    };
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
if (added.length > 0) await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `Added ${added.join(", ")}.` : "The lock file is complete.");

/** Packages with a binary name their platform: `@deno/darwin-arm64`, `@oxlint/binding-linux-x64-musl`. */
function platformOf(name: string): Pick<Package, "os" | "cpu" | "libc"> {
  const find = (pattern: RegExp) => pattern.exec(name)?.[0];
  const os = find(/darwin|win32|windows|linux|freebsd|netbsd|openbsd|sunos|aix|android|openharmony|wasi/)?.replace(
    "windows",
    "win32",
  );
  const cpu = find(/arm64|x64|arm(?!64)|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32/);
  const libc = os === "linux" ? find(/musl|glibc|gnu/)?.replace("gnu", "glibc") : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}
