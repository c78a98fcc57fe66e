// The one script of every page of the desk.

import { openDesk } from "./shell.js";

await openDesk();
