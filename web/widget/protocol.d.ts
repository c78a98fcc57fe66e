// The types of docs/PROTOCOL.md. Read by the type checker only; browsers never load this file.

export interface Citation {
  number: number;
  document_id: string;
  title: string;
  headings: string[];
  page: number | null;
  last_page: number | null;
  start: number | null;
  end: number | null;
  quote: string;
}

export interface Passage {
  number: number;
  title: string;
  headings: string[];
  page: number | null;
  last_page: number | null;
  text: string;
  quote: string;
}

export interface SuggestedAction {
  type: string;
  text: string;
  /** Of a link: http, https or mailto. */
  url?: string | null;
}

export interface Message {
  id: string;
  role: "customer" | "assistant" | "agent" | "system";
  text: string;
  at: string;
  author?: string | null;
  client_id?: string | null;
  citations?: Citation[] | null;
  /** The `client_id`s that an answer is to. */
  reply_to?: string[] | null;
  confidence?: number | null;
  kind?: "answer" | "unknown" | "small_talk" | "apology" | "handoff" | "paused" | null;
  stopped?: boolean | null;
  cached?: boolean | null;
  model?: string | null;
  helpful?: boolean | null;
  sentiment?: { label: string; score: number } | null;
  suggested_actions?: SuggestedAction[] | null;
  attachments?: Attachment[] | null;
}

/** A file that went with a message. */
export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
}

/** The assistant answers; a person is called in; a person is in; done. */
export type Status = "open" | "waiting" | "human" | "resolved";

export interface Look {
  name: string;
  assistant: string;
  greeting: string;
  color: string;
  /** When customers may send files: `never`, `with_people` or `always`. Known once there is a session. */
  files?: string;
}

export interface Session {
  visitor: string;
  connect: { url: string; token: string; expires_in: number };
  widget: Look;
  conversation: { id: string; status: Status; messages: Message[]; answering: boolean; rating?: number | null } | null;
}

export interface Delta {
  type: "delta";
  message_id: string;
  from: number;
  n: number;
  text: string;
}

export interface ErrorFrame {
  type: "error";
  code: string;
  message: string;
  id?: string | null;
  retry_after?: number | null;
}

export type ServerFrame =
  | { type: "ack"; id: string; message_id: string }
  | Delta
  | { type: "citations"; message_id: string; citations: Citation[] }
  | { type: "done"; message: Message; withdrawn_id?: string | null }
  | { type: "posted"; message: Message; status: Status }
  | { type: "withdrawn"; message_id: string }
  | { type: "state"; status: Status }
  | { type: "typing"; author: string }
  | { type: "resumed"; status: Status; messages: Message[]; answering: boolean; more?: boolean }
  | { type: "noted"; message_id: string; helpful: boolean }
  | { type: "pong" }
  | ErrorFrame;

export type ClientFrame =
  | { action: "message"; id: string; text: string; person?: boolean; attachments?: string[] }
  | { action: "typing" }
  | { action: "seen"; message_id: string }
  | { action: "page"; url: string; title: string }
  | { action: "resume"; after: string | null }
  | { action: "stop" }
  | { action: "feedback"; message_id: string; helpful: boolean }
  | { action: "ping" };

/** A line of the conversation as the panel shows it. */
export interface Item {
  /** Stays the same from the first keystroke sent to the stored message. */
  key: string;
  role: Message["role"];
  text: string;
  at: number;
  /** The answer is still being written. */
  streaming: boolean;
  /** Said here, not yet acknowledged. */
  pending: boolean;
  /** Why it could not be sent, in plain words. */
  failed: string | null;
  citations: Citation[];
  attachments: Attachment[];
  /** The stored message, once there is one. */
  message: Message | null;
}

/** How the line to the server stands. `until` is when the next try is due (ms since the epoch). */
export interface LinkState {
  name: "idle" | "connecting" | "open" | "waiting" | "offline" | "refused";
  until: number | null;
  detail: string | null;
}

export type Strings = typeof import("./strings.js").STRINGS;

/** `launcher` is the loader's own: the label of the button on the page. */
export type OwnStrings = Partial<Strings> & { launcher?: string };

export interface BootOptions {
  key: string;
  api?: string;
  /** Answer from documents of these categories only: names with commas between them. */
  categories?: string;
  /** What the team should know of the customer: short texts, numbers, true or false. */
  attributes?: Record<string, string | number | boolean> | string;
  /** "#rrggbb"; without it, the organisation's own once a session has told it. */
  color?: string;
  /**
   * Whom the page vouches for: a JWT signed by the organisation's server, or what gets a fresh one
   * before each session. Nothing, null or "": nobody is logged in.
   */
  identity?: Identity;
  /** Replaces any of the widget's own words. */
  strings?: OwnStrings;
}

export type Identity = string | null | undefined | (() => string | null | undefined | Promise<string | null | undefined>);

export interface EventDetails {
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  message: { id: string; text: string };
  error: { detail: string };
}

export interface FrontdeskApi {
  /** Puts the widget on the page. Where it is already, puts it back if it was lost. */
  boot(options: BootOptions): void;
  /** Somebody has logged in or out. */
  update(options: { identity?: Identity }): void;
  /** Takes the widget off the page; with `forget`, also all that this browser keeps of the customer. */
  shutdown(options?: { forget?: boolean }): void;
  open(): void;
  close(): void;
  /** Opens the panel and says `text` for the customer. */
  ask(text: string): void;
  /** Calls `handler` on every event of that name; the function returned ends that. */
  on<K extends keyof EventDetails>(event: K, handler: (detail: EventDetails[K]) => void): () => void;
}

/** What the loader hands to the panel. */
export interface PanelSetting {
  /** As the page gave them; `identity` may become another. */
  options: BootOptions;
  /** Unless the options name another. */
  api: string;
  root: ShadowRoot;
  onClose: () => void;
  onColor: (color: string) => void;
  /** Replies that nobody has seen, and how to say so. */
  onUnread: (unread: number, words: string) => void;
  emit: <K extends keyof EventDetails>(event: K, detail: EventDetails[K]) => void;
}

export interface Panel {
  open(): void;
  close(): void;
  ask(text: string): void;
  /** Connects without being opened. */
  connect(): void;
  /** The options name another identity. */
  identify(): void;
  /** The page has put the widget in another place. */
  refit(): void;
  shutdown(): void;
}

declare global {
  interface Window {
    Frontdesk?: FrontdeskApi;
  }
}
