import { main } from "../core/main";
import { commandProvider } from "./provider";

main(commandProvider);
