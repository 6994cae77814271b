/**
 * Completes package-lock.json. If npm cannot fetch optional packages of other platforms while it makes the file, it
 * leaves them out (npm/cli#4828). `npm ci` then fails everywhere. Run this script after `npm install`.
 *
 * The platform of a package and its integrity come from the registry. If the registry does not have the package, the
 * platform is read from the package's name, and the script reports that the integrity is missing.
 */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

interface Package {
  version: string;
  integrity?: string;
  dev?: boolean;
  optional?: boolean;
  peer?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  engines?: object;
  bin?: object;
  optionalDependencies?: Record<string, string>;
}

const file = "package-lock.json";
const lock = JSON.parse(await readFile(file, "utf8")) as { packages: Record<string, Package> };
const before = JSON.stringify(lock);
const withoutIntegrity: string[] = [];
for (const { dev, peer, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const place = `node_modules/${name}`;
    const isExact = /^\d+\.\d+\.\d+/.test(version);
    const known = Object.keys(lock.packages).find((key) => key.endsWith(place));
    if (!isExact || (known && lock.packages[known]!.integrity)) continue;
    const published = await readPublished(name, version);
    if (!published.integrity) withoutIntegrity.push(`${name}@${version}`);
    lock.packages[known ?? place] = inOrder({ version, ...published, dev, optional: true, peer });
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
if (JSON.stringify(lock) !== before) await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
const missing = withoutIntegrity.length > 0 ? ` Without integrity: ${withoutIntegrity.join(", ")}.` : "";
console.log(`The lock file is complete.${missing}`);

async function readPublished(name: string, version: string): Promise<Partial<Package>> {
  const fields = ["dist.integrity", "os", "cpu", "libc", "engines", "bin"];
  try {
    const { stdout } = await promisify(execFile)("npm", ["view", `${name}@${version}`, ...fields, "--json"]);
    const { "dist.integrity": integrity, ...rest } = JSON.parse(stdout);
    const lists = Object.fromEntries(
      ["os", "cpu", "libc"].flatMap((key) => (rest[key] ? [[key, [rest[key]].flat()]] : [])),
    );
    return { integrity, ...rest, ...lists };
  } catch {
    return platformOf(name);
  }
}

/**
 * Reads the platform from the name of a package with a binary: `@supabase/cli-darwin-arm64`,
 * `@oxlint/binding-linux-x64-musl`.
 */
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

/** Orders the keys as npm does, so that the next install does not change the file. */
function inOrder(entry: { [Name in keyof Package]: Package[Name] | undefined }): Package {
  const names = ["version", "integrity", "bin", "cpu", "dev", "engines", "libc", "optional", "os", "peer"];
  const values = names.map((name) => [name, entry[name as keyof Package]] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as unknown as Package;
}
