import * as fs from "node:fs";
import * as os from "node:os";

import { afterAll, vi } from "vitest";

const { homedir } = vi.hoisted(() => ({ homedir: `/tmp/nas-registry-unit-${process.pid}` }));

// Components write transport keys into the home of whoever runs them: never into that of whoever tests.
vi.mock("node:os", async (original) => ({ ...(await original<typeof os>()), userInfo: () => ({ homedir }) }));
afterAll(() => fs.rmSync(homedir, { recursive: true, force: true }));
