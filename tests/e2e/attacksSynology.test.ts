import { attacksOn } from "./attacks";

attacksOn("synology");
