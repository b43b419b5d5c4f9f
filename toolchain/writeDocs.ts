import * as fs from "node:fs";

import { generatedPages } from "./docs";

void generatedPages().then((pages) => pages.forEach((text, file) => fs.writeFileSync(file, text)));
