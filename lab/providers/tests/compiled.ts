import { compileSubstitutes } from "../install";

/** Once, before the tests, which have a limit of time. */
export default async function compiled(): Promise<void> {
    await compileSubstitutes();
}
