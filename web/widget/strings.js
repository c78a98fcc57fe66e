// Every word the widget shows. `Frontdesk.boot({strings: {…}})` replaces any of them.

export const STRINGS = {
  chat: "Chat",
  title: "Chat with {assistant}",
  subtitle: "AI assistant for {name}",
  close: "Close chat",
  placeholder: "Ask a question…",
  composer: "Your message",
  send: "Send",
  stop: "Stop",
  stopping: "Stopping…",
  tooLong: "{over} characters too many",
  left: "{left} characters left",
  log: "Conversation",
  typing: "{assistant} is writing",
  you: "You",
  agent: "Team",
  sources: "Sources",
  source: "Source {number}: {title}",
  page: "p. {page}",
  pageLong: "Page {page}",
  pagesLong: "Pages {page}–{last}",
  back: "Back to the conversation",
  passageFailed: "The whole passage can't be opened right now. This is the part that was cited:",
  loading: "Opening the source…",
  question: "Did this help?",
  helpful: "Helpful",
  notHelpful: "Not helpful",
  thanks: "Thanks for telling us",
  stopped: "Stopped",
  suggestions: "Suggestions",
  person: "I'd like to talk to a person",
  connecting: "Connecting…",
  reconnecting: "Reconnecting…",
  offline: "You're offline. Your message is kept and sent when you're back.",
  slow: "That was a lot at once. Sending again in {seconds} s.",
  again: "Sending again in a moment…",
  wait: "The server asks us to wait. Trying again in {seconds} s.",
  refused: "Chat isn't available on this page.",
  sending: "Sending…",
  notSent: "Not sent.",
  retry: "Try again",
  tryNow: "Try now",
  disclaimer: "Answers are written by AI. Check the sources.",
  latest: "Go to the latest message",
  today: "Today",
};

/**
 * `text` with {names} filled in.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
