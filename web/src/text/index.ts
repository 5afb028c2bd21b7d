import { en } from "./en";

/** The texts of the chosen language. */
export const t: typeof en = en;
