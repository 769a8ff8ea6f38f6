// Files that are dropped, with those of dropped folders.

const asFile = (entry) => new Promise((found, failed) => entry.file(found, failed));
const someEntries = (reader) => new Promise((found, failed) => reader.readEntries(found, failed));

/** List the files of a drop. Of folders it takes those that a suffix names a picture, in the order of their names. */
export async function collected(transfer, suffixes) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const files = [];
  for (const entry of entries) {
    if (entry.isFile) files.push(await asFile(entry));
    else files.push(...(await inFolder(entry, suffixes)));
  }
  return files;
}

async function inFolder(folder, suffixes) {
  const reader = folder.createReader();
  const entries = [];
  for (let some = await someEntries(reader); some.length; some = await someEntries(reader)) entries.push(...some);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = [];
  for (const entry of entries.filter(({ name }) => !name.startsWith("."))) {
    if (entry.isDirectory) files.push(...(await inFolder(entry, suffixes)));
    else if (suffixes.some((suffix) => entry.name.toLowerCase().endsWith(suffix))) files.push(await asFile(entry));
  }
  return files;
}
