import * as fs from "node:fs";

import { inferKnownKeys, knownKeysFile } from "./knownKeys";

void inferKnownKeys().then((text) => fs.writeFileSync(knownKeysFile, text));
