import type { FileChange } from '../api/generated/api';

/** Files of one folder from which on they share a line. */
const MANY = 4;

/** Puts 2 before 10. */
const BY_NAME = new Intl.Collator(undefined, { numeric: true });

/** A folder with many files, which opens. */
export interface IFolder {
  /** With a slash at its end. */
  path: string;
  files: number;
  bytes: number;
  entries: IEntry[];
}

/** A file, or a folder with many. */
export type IEntry = FileChange | IFolder;

/** Whether an entry is a folder. */
export function isFolder(entry: IEntry): entry is IFolder {
  return 'entries' in entry;
}

/**
 * The files in their folders: each with many is one entry, in the place of
 * the first of its files; by name, and numbers in names by what they count.
 *
 * @param files - What to group.
 * @param above - The folder that they are all in.
 */
export function inFolders(files: readonly FileChange[], above = ''): IEntry[] {
  const groups = new Map<string, FileChange[]>();
  const sorted = [...files].sort((a, b) => BY_NAME.compare(a.path, b.path));
  for (const file of sorted) {
    const end = file.path.indexOf('/', above.length);
    // A folder may be an entry itself, as one that cannot be read.
    const isInside = end >= 0 && end < file.path.length - 1;
    const key = isInside ? file.path.slice(0, end + 1) : file.path;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups].flatMap(([path, members]): IEntry[] => {
    if (!path.endsWith('/') || members.length < MANY) {
      return members;
    }
    const entries = inFolders(members, path);
    const [only] = entries;
    // Of a folder that only holds another one, the inner one says it all.
    return entries.length === 1 && only && isFolder(only)
      ? entries
      : [
          {
            path,
            files: members.length,
            bytes: members.reduce((sum, one) => sum + (one.size_bytes ?? 0), 0),
            entries
          }
        ];
  });
}
