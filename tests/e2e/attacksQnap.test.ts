import { attacksOn } from "./attacks";

attacksOn("qnap");
