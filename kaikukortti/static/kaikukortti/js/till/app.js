/* The till app's entry. */
import { openTill } from "./till.js";

openTill().catch(() => {});
