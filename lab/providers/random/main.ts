import { main } from "../core/main";
import { randomProvider } from "./provider";

main(randomProvider);
