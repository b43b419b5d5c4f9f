import * as path from "node:path";

import { PolicyPack } from "@pulumi/policy";

import { rules } from "./rules";

// A pack's version is read from package.json in the working directory, which is the stack program's: bin/.
process.chdir(path.join(__dirname, "..", "..", "policy"));

// Tests take the rules from their own folder, since making a pack starts its server.
new PolicyPack("nas-registry", { policies: rules });
