/** `tsx toolchain/cli.ts [tests]`: builds what is missing, with "tests" also what only they need. */
import { ensureTestToolchain, ensureToolchain } from ".";

const ensure = process.argv[2] === "tests" ? ensureTestToolchain : ensureToolchain;
ensure().then(
    ({ description }) => description.forEach((line) => console.log(line)),
    (error: unknown) => {
        console.error((error as Error).message);
        process.exit(1);
    },
);
