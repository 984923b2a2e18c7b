import { CorridorClient } from "../../sdk/client.ts";

/** The relayer that served this page; a session's cookie goes along by itself. */
export const client = new CorridorClient("");
