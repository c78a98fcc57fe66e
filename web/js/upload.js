// A file on its way to the store: a document's, or one that goes with a message.

/** The store did not take the file, or did not say that it did. */
export class Broken extends Error {
  /**
   * @param {string} key says what went wrong: upload.refused, .broken or .cancelled
   * @param {number} [status]
   */
  constructor(key, status = 0) {
    super(key);
    this.key = key;
    this.status = status;
  }
}

/**
 * Posts a file to the store. With XMLHttpRequest, since fetch does not tell how far it is.
 * @param {{url: string, fields: Record<string, string>}} form
 * @param {{file: File, share: number, abort: () => void}} upload gets its `share` (0 to 1) and `abort` set
 * @param {() => void} onProgress
 * @returns {Promise<void>}
 */
export function post(form, upload, onProgress) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  // The store reads no field that comes after the file.
  data.append("file", upload.file);
  const call = new XMLHttpRequest();
  upload.abort = () => call.abort();
  return new Promise((done, failed) => {
    call.upload.onprogress = ({ loaded, total }) => {
      upload.share = total ? loaded / total : 0;
      onProgress();
    };
    call.onload = () => {
      if (call.status < 300) done();
      else failed(new Broken("upload.refused", call.status));
    };
    call.onerror = () => failed(new Broken("upload.broken"));
    call.onabort = () => failed(new Broken("upload.cancelled"));
    call.open("POST", form.url);
    call.send(data);
  });
}
