import { main } from "../core/main";
import { tlsProvider } from "./provider";

main(tlsProvider);
