import * as fs from "node:fs";
import * as path from "node:path";

import { repositoryRoot } from ".";
import { argumentsFile, argumentsSchema } from "./argumentsSchema";
import { inferSchema } from "./schema";

void inferSchema().then(async (text) => {
    fs.writeFileSync(path.join(repositoryRoot, "schema.json"), text);
    fs.writeFileSync(argumentsFile, await argumentsSchema(text));
});
