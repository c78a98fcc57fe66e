// Which files can be read, told before they are uploaded.

const LARGEST_BYTES = 50 * 1024 * 1024;

/** Content types by file ending: browsers leave `File.type` empty for Markdown, or guess. */
const TYPES = new Map([
  ["pdf", "application/pdf"],
  ["md", "text/markdown"],
  ["markdown", "text/markdown"],
  ["txt", "text/plain"],
  ["text", "text/plain"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
]);

const NAMES = new Map([
  ["pdf", "PDF"],
  ["md", "Markdown"],
  ["markdown", "Markdown"],
  ["txt", "Text"],
  ["text", "Text"],
  ["html", "HTML"],
  ["htm", "HTML"],
  ["docx", "Word"],
]);

export const ACCEPT = [...TYPES.keys()].map((ending) => `.${ending}`).join(",");

/** @param {string} filename */
function endingOf(filename) {
  return filename.includes(".") ? filename.slice(filename.lastIndexOf(".") + 1).toLowerCase() : "";
}

/** @param {string} filename */
export function typeName(filename) {
  return NAMES.get(endingOf(filename)) ?? "File";
}

/**
 * @param {File} file
 * @returns {Promise<{contentType: string} | {reason: string}>} reason: why it cannot be taken, for people
 */
export async function check(file) {
  const contentType = TYPES.get(endingOf(file.name));
  if (!contentType) {
    return { reason: "this kind of file can't be read. Use PDF, Word (DOCX), Markdown, HTML or plain text." };
  }
  if (file.size === 0) return { reason: "the file is empty." };
  if (file.size > LARGEST_BYTES) return { reason: `the file has ${size(file.size)}; the limit is 50 MB.` };
  const start = new TextDecoder("latin1").decode(await file.slice(0, 1024).arrayBuffer());
  if (contentType === "application/pdf" && !start.includes("%PDF-")) {
    return { reason: "it ends in .pdf, but what is in it is no PDF." };
  }
  if (endingOf(file.name) === "docx" && !start.startsWith("PK")) {
    return { reason: "it ends in .docx, but what is in it is no Word document." };
  }
  return { contentType };
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace(/\.0$/, "")} MB`;
}
