// What every page may have to say, in German.

/** @type {Record<string, string>} */
export default {
  "again": "Erneut versuchen",
  "problem.unreached": "Der Server ist gerade nicht erreichbar. Nichts ist verloren; versuchen Sie es gleich noch einmal.",
  "problem.offline": "Sie sind offline. Nichts ist verloren; versuchen Sie es wieder, sobald Sie verbunden sind.",
  "problem.ours": "Bei uns hat etwas nicht funktioniert. Versuchen Sie es gleich noch einmal.",
  "problem.often": "Das war viel auf einmal. Versuchen Sie es in einer Minute noch einmal.",
  "problem.wait.one": "Das war viel auf einmal. Versuchen Sie es in {count} Sekunde noch einmal.",
  "problem.wait.other": "Das war viel auf einmal. Versuchen Sie es in {count} Sekunden noch einmal.",
  "problem.401": "Ihre Anmeldung ist abgelaufen. Melden Sie sich wieder an, dann sind Sie zurück.",
  "problem.403": "Ihre Rolle umfasst das nicht oder nicht mehr. Fragen Sie Inhaber oder Admins.",
  "problem.404": "Das gibt es nicht mehr. Vielleicht hat es jemand entfernt.",
  "problem.409": "Es wurde inzwischen geändert: {detail} Sehen Sie es noch einmal an und wiederholen Sie es dann.",
  "problem.413": "Das ist zu groß. Kürzen oder verkleinern Sie es und senden Sie es noch einmal.",
  "problem.422": "So lässt es sich nicht speichern: {detail}",
};
