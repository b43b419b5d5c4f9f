import { main } from "../core/main";
import { dockerProvider } from "./provider";

main(dockerProvider);
