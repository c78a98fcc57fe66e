// What the API says of conversations (functions/api/routers/conversations.py). Read by the type
// checker only; browsers never load this file.

import type { Citation } from "../../widget/protocol.d.ts";

export type Status = "open" | "waiting" | "human" | "resolved";
export type Priority = "low" | "medium" | "high" | "urgent";
export type Mood = { label: "NEGATIVE" | "NEUTRAL" | "POSITIVE"; score: number; confidence?: number };

export interface Entry {
  id: string;
  status: Status;
  priority: Priority;
  subject: string;
  preview: string;
  last_role: "customer" | "assistant" | "agent" | null;
  last_id: string;
  mood: Mood | null;
  mood_score: number | null;
  labels: string[];
  snoozed_until: string | null;
  rating: { score: number; comment: string | null; at: string } | null;
  assignee: string | null;
  customer: { id: string | null; name: string | null; email: string | null };
  page: { url: string; title: string | null; at: string } | null;
  language: string | null;
  handoff: { reason: string; at: string; answered_at: string | null } | null;
  resolution: { by: "customer" | "agent" | "silence"; at: string } | null;
  started_at: string | null;
  first_response_at: string | null;
  waiting: boolean;
  waiting_since: string | null;
  customer_messages: number;
  /** Up to which message the customer has seen what the team wrote. */
  customer_read: string | null;
  /** The caller's own, so not in what the socket says. */
  unread_messages?: number;
  read_until?: string | null;
}

export interface ThreadMessage {
  id: string;
  role: "customer" | "assistant" | "agent" | "system" | "note";
  text: string;
  at: string;
  author: string | null;
  event: "taken_over" | "handed_back" | "handed_off" | "assigned" | "resolved" | "reopened" | "rated" | null;
  detail: string | null;
  client_id: string | null;
  sentiment: Mood | null;
  citations: Citation[];
  confidence: number | null;
  kind: string | null;
  stopped: boolean;
  helpful: boolean | null;
  attachments: Attachment[];
}

/** A file that was sent with a message. */
export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
}

/** A file that is about to be sent; once it is stored, it can be. */
export interface DraftFile extends Attachment {
  stored: boolean;
  /** The page was left while it was on its way. */
  failed?: boolean;
}

export interface Summary {
  wants: string;
  tried: string[];
  mood: string;
}

export interface Detail extends Entry {
  browser: string | null;
  attributes: { name: string; value: string | number | boolean; vouched: boolean }[];
  ticket: { summary: Summary | null; category: string; status: string } | null;
  messages: ThreadMessage[];
  cursor: string | null;
}

export interface Member {
  id: string;
  name: string;
}

export interface Present extends Member {
  replying: boolean;
}

/** What the list is asked for; empty texts ask for nothing. */
export interface Asked {
  view: string;
  sort: string;
  priority: string;
  mood: string;
  label: string;
  assignee: string;
  language: string;
  page: string;
}

/** Something written that the server has not confirmed yet. */
export interface Said {
  id: string;
  kind: "reply" | "note";
  text: string;
  files: DraftFile[];
  failed: boolean;
}

export interface Draft {
  kind: "reply" | "note";
  reply: string;
  note: string;
  /** For the reply. */
  files: DraftFile[];
  said: Said[];
}
