import { ensureToolchain } from ".";

ensureToolchain().then(
    ({ description }) => description.forEach((line) => console.log(line)),
    (error: unknown) => {
        console.error((error as Error).message);
        process.exit(1);
    },
);
