import { unconfiguredProvider } from "../core/unconfigured";
import { randomBytes } from "./bytes";
import { randomId } from "./id";
import { randomPassword } from "./password";

export const randomProvider = unconfiguredProvider("random", {
    "random:index/randomBytes:RandomBytes": randomBytes,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomPassword:RandomPassword": randomPassword,
});
