import * as fs from "node:fs";
import * as path from "node:path";

import { repositoryRoot } from ".";
import { inferSchema } from "./schema";

void inferSchema().then((text) => fs.writeFileSync(path.join(repositoryRoot, "schema.json"), text));
