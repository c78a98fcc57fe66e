// What every page may have to say, in French.

/** @type {Record<string, string>} */
export default {
  "again": "Réessayer",
  "problem.unreached": "Le serveur est injoignable pour le moment. Rien n’est perdu ; réessayez dans un instant.",
  "problem.offline": "Vous êtes hors ligne. Rien n’est perdu ; réessayez une fois connecté.",
  "problem.ours": "Un problème est survenu de notre côté. Réessayez dans un instant.",
  "problem.often": "Cela fait beaucoup d’un coup. Réessayez dans une minute.",
  "problem.wait.one": "Cela fait beaucoup d’un coup. Réessayez dans {count} seconde.",
  "problem.wait.other": "Cela fait beaucoup d’un coup. Réessayez dans {count} secondes.",
  "problem.401": "Votre session est terminée. Reconnectez-vous pour revenir ici.",
  "problem.403": "Votre rôle n’inclut pas ou plus cela. Demandez à un propriétaire ou à un administrateur.",
  "problem.404": "Cet élément n’existe plus. Quelqu’un l’a peut-être supprimé.",
  "problem.409": "Cela a changé entre-temps : {detail} Revérifiez, puis recommencez si besoin.",
  "problem.413": "C’est trop volumineux. Raccourcissez ou réduisez, puis renvoyez.",
  "problem.422": "Impossible d’enregistrer tel quel : {detail}",
};
