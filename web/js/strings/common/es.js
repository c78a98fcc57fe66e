// What every page may have to say, in Spanish.

/** @type {Record<string, string>} */
export default {
  "again": "Reintentar",
  "problem.unreached": "No se puede contactar con el servidor. No se ha perdido nada; inténtalo en un momento.",
  "problem.offline": "No tienes conexión. No se ha perdido nada; inténtalo cuando vuelvas a tenerla.",
  "problem.ours": "Algo ha fallado por nuestra parte. Inténtalo en un momento.",
  "problem.often": "Demasiadas acciones a la vez. Inténtalo en un minuto.",
  "problem.wait.one": "Demasiadas acciones a la vez. Inténtalo en {count} segundo.",
  "problem.wait.other": "Demasiadas acciones a la vez. Inténtalo en {count} segundos.",
  "problem.401": "Tu sesión ha terminado. Vuelve a iniciarla y seguirás aquí.",
  "problem.403": "Tu rol no incluye esto, o ha dejado de incluirlo. Pregunta a un propietario o administrador.",
  "problem.404": "Ya no está. Puede que alguien lo haya eliminado.",
  "problem.409": "Ha cambiado mientras tanto: {detail} Míralo de nuevo y repite lo que quieras hacer.",
  "problem.413": "Es demasiado grande. Acórtalo o redúcelo y envíalo de nuevo.",
  "problem.422": "No se puede guardar así: {detail}",
};
