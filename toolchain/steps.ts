/** Says what goes on: a line when a step is done, and in between a sign of life for steps that take long. */
export type Report = (line: string) => void;

/** Runs one step and prints its title with the seconds it took. */
export async function step<T>(title: string, run: (progress: Report) => Promise<T>): Promise<T> {
    const began = Date.now();
    const seconds = () => Math.round((Date.now() - began) / 1000);
    const line = (text: string) => process.stdout.write(`${String(seconds()).padStart(5)}s  ${text}\n`);
    let latest = "";
    const alive = setInterval(() => line(`… ${title}${latest && `: ${latest}`}`), 30_000);
    try {
        const result = await run((progress) => (latest = progress));
        line(title);
        return result;
    } catch (error) {
        line(`failed: ${title}`);
        throw error;
    } finally {
        clearInterval(alive);
    }
}
