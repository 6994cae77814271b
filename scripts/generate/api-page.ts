import path from "node:path";
import { type Node, SyntaxKind, type SourceFile } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** A declaration, as it appears on the page. */
interface Entry {
  name: string;
  doc: string;
  code: string;
  members: { doc: string; code: string }[];
}

type Named = Node & {
  name?: { text: string };
  members?: Iterable<Named>;
  body?: Node;
  jsDoc?: readonly { pos: number; end: number }[] | undefined;
};
type ExportNode = Node & {
  moduleSpecifier?: { text: string };
  exportClause?: { elements: Iterable<{ name: { text: string } }> };
};

/** Makes the reference of all exports of the package from their doc comments. Throws for an export without one. */
export function apiPage(subpaths: Record<string, string>): string {
  const api = new API({ cwd: process.cwd() });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [path.resolve("tsconfig.json")] });
    const { program } = snapshot.getProjects()[0]!;
    const fileAt = (name: string) => program.getSourceFile(path.resolve(name))!;
    const sections = Object.entries(subpaths).map(([subpath, file]) => {
      const entries = exportsOf(fileAt, file)
        .map(entryOf)
        .filter((entry) => !isInferred(entry));
      return `## ${code(subpath)}\n\n${entries.map(showEntry).join("\n\n")}`;
    });
    return `${introduction}\n\n${sections.join("\n\n")}\n`;
  } finally {
    api.close();
  }
}

const introduction = `# API of the client

Generated from the documentation comments by \`npm run db:types\`. [guides/client.md](../guides/client.md) explains how the parts
belong together. [schema.md](schema.md) has the columns of rows, [errors.md](errors.md) the errors that the backend raises.`;

/** Returns the exported declarations in the order in which the module exports them. */
function exportsOf(fileAt: (name: string) => SourceFile, name: string): { node: Named; file: SourceFile }[] {
  const file = fileAt(name);
  const found: { node: Named; file: SourceFile }[] = [];
  for (const statement of file.statements) {
    const { moduleSpecifier, exportClause } = statement as unknown as ExportNode;
    if (statement.kind !== SyntaxKind.ExportDeclaration || !moduleSpecifier) continue;
    const target = path.join(path.dirname(name), moduleSpecifier.text);
    if (!exportClause) {
      found.push(...exportsOf(fileAt, target));
      continue;
    }
    const wanted = new Set([...exportClause.elements].map((element) => element.name.text));
    const declared = fileAt(target);
    // Other pages document the generated modules.
    if (/(database.types|error-codes)\.ts$/.test(target)) continue;
    for (const node of declared.statements as unknown as Iterable<Named>) {
      const names = node.kind === SyntaxKind.VariableStatement ? variableNames(declared, node) : [node.name?.text];
      if (names.some((each) => each && wanted.has(each))) found.push({ node, file: declared });
    }
  }
  return found;
}

const variableNames = (file: SourceFile, node: Node) => [/\bconst (\w+)/.exec(textOf(file, node))?.[1]];

/** Returns true for a type that is inferred from a schema. It is left out, because the page shows the schema. */
const isInferred = ({ code: shown }: Pick<Entry, "code">) => /^type \w+ = z\.infer</.test(shown);

function entryOf({ node, file }: { node: Named; file: SourceFile }): Entry {
  const text = textOf(file, node);
  const name = node.name?.text ?? variableNames(file, node)[0]!;
  const members = [...(node.members ?? [])]
    .filter((member) => member.kind !== SyntaxKind.Constructor)
    .map((member) => ({ doc: docOf(file, member), code: textOf(file, member) }));
  const doc = docOf(file, node);
  if (!doc && !isInferred({ code: text.replace("export ", "") }))
    throw new Error(`${path.relative(".", file.fileName)}: ${name} has no comment.`);
  const shown = node.members
    ? text.slice(0, text.indexOf("{")).trim()
    : textOf(file, node, node.kind === SyntaxKind.FunctionDeclaration ? node.body?.pos : undefined);
  return { name, doc, code: shown.replace(/^export (declare )?/, "").replace(/\/\*\*[\s\S]*?\*\/\s*/g, ""), members };
}

/** Returns the source text of a node without its comment. */
function textOf(file: SourceFile, node: Named, to = node.end): string {
  const from = Math.max(node.pos, ...(node.jsDoc ?? []).map(({ end }) => end));
  return file.text.slice(from, to).trim();
}

function docOf(file: SourceFile, node: Named): string {
  const comment = node.jsDoc?.at(-1);
  if (!comment) return "";
  const lines = file.text
    .slice(comment.pos, comment.end)
    .replace(/^\s*\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const [text, ...tags] = lines
    .join("\n")
    .trim()
    .split(/(?:^|\n)@/);
  return [text!.trim(), ...tags.map(showTag)].filter(Boolean).join("\n\n");
}

function showTag(tag: string): string {
  const [, name, text] = /^(\w+)\s+([\s\S]*)$/.exec(tag)!;
  if (name === "example") return `\`\`\`ts\n${text!.trim()}\n\`\`\``;
  if (name === "param") return `- ${text!.trim().replace(/^(\S+)\s+/, "`$1`: ")}`;
  return `_${name === "throws" ? "Throws" : "Returns"}_ ${text!.trim()}`;
}

function showEntry({ name, doc, code: shown, members }: Entry): string {
  const list = members.map((member) => {
    const about = member.doc && `\n\n${member.doc.replace(/^(?=.)/gm, "  ")}`;
    return `- ${code(member.code.replace(/\s+/g, " ").replace(/;$/, ""))}${about}`;
  });
  return [`### ${name}`, doc, `\`\`\`ts\n${shown}\n\`\`\``, list.join("\n")].filter(Boolean).join("\n\n");
}

const code = (text: string) => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);
