import { once } from "node:events";
import type postgres from "postgres";

export interface VectorRow {
  userId: string;
  id: string;
  vector: Float32Array;
}

/** Writes rows in the binary format of COPY: one function for `vector`, one for `halfvec`. */
const encoders = {
  vector: { bytes: 4, write: (view: DataView, at: number, value: number) => view.setFloat32(at, value) },
  halfvec: { bytes: 2, write: (view: DataView, at: number, value: number) => view.setFloat16(at, value) },
};

/** Copies rows into a table. Each has a user, an id, a vector, and texts that are the same for all rows. */
export async function copyVectors(
  sql: postgres.Sql,
  table: string,
  columns: { type: keyof typeof encoders; same: string[] },
  rows: Iterable<VectorRow>,
): Promise<void> {
  const { type, same } = columns;
  const stream = await sql.unsafe(`copy ${table} from stdin (format binary)`).writable();
  const header = Buffer.concat([Buffer.from("PGCOPY\n\xff\r\n\0", "latin1"), Buffer.alloc(8)]);
  let parts: Buffer[] = [header];
  let size = 0;
  for (const row of rows) {
    const part = encode(row, type, same);
    parts.push(part);
    size += part.length;
    if (size < 1 << 20) continue;
    if (!stream.write(Buffer.concat(parts))) await once(stream, "drain");
    parts = [];
    size = 0;
  }
  parts.push(Buffer.from([0xff, 0xff]));
  stream.end(Buffer.concat(parts));
  await once(stream, "finish");
}

function encode({ userId, id, vector }: VectorRow, type: keyof typeof encoders, same: string[]): Buffer {
  const { bytes, write } = encoders[type];
  const value = Buffer.alloc(4 + vector.length * bytes);
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  view.setInt16(0, vector.length);
  for (let i = 0; i < vector.length; i += 1) write(view, 4 + i * bytes, vector[i]!);
  const uuid = (text: string) => Buffer.from(text.replaceAll("-", ""), "hex");
  const fields = [uuid(userId), uuid(id), ...same.map((text) => Buffer.from(text)), value];
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  const withLength = (field: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field.length);
    return [length, field];
  };
  return Buffer.concat([count, ...fields.flatMap(withLength)]);
}
