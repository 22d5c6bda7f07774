/**
 * Writes zip archives (PKWARE APPNOTE 6.3.3, without encryption and ZIP64):
 *
 *     | local header, name, content | ... one for each file ... | directory: a header and a name for each file | end |
 */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  /** With slashes, relative. */
  readonly path: string;
  readonly content: Buffer;
  /** Whether Unix may execute it. */
  readonly isProgram?: boolean;
}

const localSignature = 0x04034b50;
const directorySignature = 0x02014b50;
const endSignature = 0x06054b50;
/** Version 2.0 of the format: deflate. The upper byte says that the attributes are Unix's. */
const version = 20;
const unixVersion = (3 << 8) | version;
/** File names are UTF-8. */
const utf8Flag = 0x0800;
const deflate = 8;
/** 1 January 1980: the same files make the same archive. */
const date = 0x21;
const fileMode = 0o100644;
const programMode = 0o100755;

export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, isProgram = false } of entries) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content);
    const common = commonFields({ name, content, data });
    const local = Buffer.concat([uint32(localSignature), uint16(version), common, uint16(0), name, data]);
    const mode = isProgram ? programMode : fileMode;
    directory.push(
      ...[uint32(directorySignature), uint16(unixVersion), uint16(version), common],
      // No extra field, no comment, the first disk, not a text.
      ...[uint16(0), uint16(0), uint16(0), uint16(0)],
      ...[uint32(mode * 2 ** 16), uint32(offset), name],
    );
    files.push(local);
    offset += local.length;
  }
  const index = Buffer.concat(directory);
  const count = uint16(entries.length);
  const end = [
    uint32(endSignature),
    uint32(0),
    count,
    count,
    uint32(index.length),
    uint32(offset),
    uint16(0),
  ];
  return Buffer.concat([...files, index, ...end]);
}

/** What the local header and the directory have in common, up to the length of the name. */
function commonFields({ name, content, data }: Record<'name' | 'content' | 'data', Buffer>): Buffer {
  return Buffer.concat([
    ...[uint16(utf8Flag), uint16(deflate), uint16(0), uint16(date)],
    ...[uint32(crc32(content)), uint32(data.length), uint32(content.length), uint16(name.length)],
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
