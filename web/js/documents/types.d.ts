// What the API says about documents. Read by the type checker only.

export type Status = "awaiting_upload" | "uploaded" | "extracting" | "embedding" | "ready" | "failed" | "deleting";

export interface Document {
  id: string;
  title: string;
  filename: string;
  status: Status;
  progress: { done: number; total: number } | null;
  /** A complete version answers, whatever becomes of a newer one. */
  answering?: boolean;
  pages: number | null;
  passages: number | null;
  error: string | null;
  warnings?: string[];
  updated_at: string;
}

export interface Passage {
  id: string;
  text: string;
  headings: string[];
  page: number | null;
  last_page: number | null;
}

export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}

/** A file on its way from this page. */
export interface Upload {
  /** Also the row's key until the document has an id. */
  key: string;
  file: File;
  contentType: string;
  documentId: string | null;
  /** A newer version of a document that was there before. */
  replaces: boolean;
  state: "waiting" | "sending" | "sent" | "failed";
  /** 0 to 1 */
  share: number;
  reason: string | null;
  abort: () => void;
}
