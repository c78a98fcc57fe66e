// What the API says about plans and what is used of them. Read by the type checker only.

export interface Plan {
  name: string;
  title: string;
  summary: string;
  /** In hundredths of the currency. */
  monthly_price: number;
  answers: number | null;
  documents: number | null;
  storage_bytes: number | null;
  seats: number | null;
  retention_days: number | null;
  features: string[];
}

export interface PlanList {
  billed: boolean;
  currency: string;
  plans: Plan[];
}

export interface Subscription {
  plan: string;
  status: "incomplete" | "incomplete_expired" | "trialing" | "active" | "past_due" | "canceled" | "unpaid" | "paused";
  period_start: string;
  period_end: string;
  cancel_at: string | null;
  next_plan: string | null;
  trial_end: string | null;
  past_due_since: string | null;
  grace_until: string | null;
  next_payment_attempt: string | null;
  pay_url: string | null;
  receipt_url: string | null;
}

export interface Use {
  used: number;
  limit: number | null;
}

export type Measure = "answers" | "documents" | "storage_bytes" | "seats";

export type Usage = Record<Measure, Use> & { month: string; resets_at: string };

export interface Change {
  plan: string;
  kind: "subscribe" | "upgrade" | "downgrade" | "cancel";
  at: string;
  documents_over: number;
  storage_bytes_over: number;
  seats_over: number;
  answers_over: number;
  features_lost: string[];
  retention_days: number | null;
}

export interface State {
  billed: boolean;
  plan: Plan;
  granted: boolean;
  granted_until: string | null;
  subscription: Subscription | null;
  usage: Usage;
  warning: number | null;
  changes: Change[];
}

/** Something the team should see before all else. */
export interface Notice {
  tone: "good" | "warm" | "bad" | "idle";
  text: string;
  link?: { label: string; address: string } | null;
}
