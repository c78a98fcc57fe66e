// What every page may have to say, in English.

/** @type {Record<string, string>} */
export default {
  "again": "Try again",
  "problem.unreached": "The server can’t be reached right now. Nothing is lost; try again in a moment.",
  "problem.offline": "You are offline. Nothing is lost; try again once you are connected.",
  "problem.ours": "Something on our side did not work. Try again in a moment.",
  "problem.often": "That was a lot at once. Try again in a minute.",
  "problem.wait.one": "That was a lot at once. Try again in {count} second.",
  "problem.wait.other": "That was a lot at once. Try again in {count} seconds.",
  "problem.401": "Your login has ended. Log in again and you are back here.",
  "problem.403": "Your role doesn’t include this, or it was taken away just now. Ask an owner or an admin.",
  "problem.404": "It isn’t there any more. Somebody may have removed it.",
  "problem.409": "It was changed meanwhile: {detail} Look at it again and repeat what you want.",
  "problem.413": "That is too large. Make it shorter or smaller, and send it again.",
  "problem.422": "This can’t be saved as it is: {detail}",
};
