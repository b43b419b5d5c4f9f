import * as path from "node:path";

import { run } from "../../toolchain/process";
import type { Part } from "../part";
import { describeOperating } from "./describe";
import type { OperationFigures } from "./operations";

export type Sample = OperationFigures & { round: number };

/** Blobs of a registry; 100,000 take 20 minutes, with all operations (`npm run bench:operations`). */
const SIZES = [1000, 10_000];
const OPERATIONS = ["backup", "verify", "gc"];

export const operating: Part<Sample[]> = {
    name: "operating",
    title: "Operations on many images",
    async measure(bench) {
        const samples: Sample[] = [];
        for (let round = 0; round < bench.runs; round++) {
            bench.report(`${SIZES.join(" and ")} blobs, round ${round + 1}`);
            const program = [
                require.resolve("tsx/cli"),
                path.join(__dirname, "operations.ts"),
                "--json",
                ...SIZES.map(String),
                ...OPERATIONS,
            ];
            // In memory, since it is not the disk that is measured.
            const env = { ...process.env, TMPDIR: "/dev/shm" };
            const printed = await run(process.execPath, program, { env });
            const figures = printed
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line) as OperationFigures);
            samples.push(...figures.map((each) => ({ ...each, round })));
        }
        return samples;
    },
    describe: describeOperating,
};
