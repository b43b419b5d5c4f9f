import * as https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";

/** One question to the registry: when it was asked, in milliseconds, and whether it was answered. */
export interface Question {
    asked: number;
    answered: boolean;
}

const INTERVAL = 50;
const PATIENCE = 1000;

/** Asks a registry for /v2/, without a password, twenty times a second; 401 is an answer. */
export class Watch {
    private readonly agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
    private readonly questions: Promise<Question>[] = [];
    private isStopped = false;
    private readonly loop: Promise<void>;
    private isServed = false;
    private onAnswer: (time: number) => void = () => undefined;

    constructor(private readonly host: string) {
        this.loop = (async () => {
            while (!this.isStopped) {
                const question = this.ask();
                this.questions.push(question);
                void question.then(({ answered }) => {
                    this.isServed = answered;
                    if (answered) this.onAnswer(performance.now());
                });
                await sleep(INTERVAL);
            }
        })();
    }

    /** Waits until it answers. @returns When, as performance.now() counts; undefined where it did so already. */
    async served(seconds = 120): Promise<number | undefined> {
        if (this.isServed) return undefined;
        const answer = new Promise<number>((resolve) => (this.onAnswer = resolve));
        const patience = new AbortController();
        const late = sleep(seconds * 1000, undefined, { signal: patience.signal }).then(() => {
            throw new Error(`the registry does not answer within ${seconds} s`);
        });
        try {
            return await Promise.race([answer, late]);
        } finally {
            patience.abort();
        }
    }

    /** Ends it. @returns The seconds for which there was no answer. */
    async stop(): Promise<number> {
        this.isStopped = true;
        await this.loop;
        const questions = await Promise.all(this.questions);
        this.agent.destroy();
        return unanswered(questions);
    }

    private ask(): Promise<Question> {
        const asked = performance.now();
        return new Promise((resolve) => {
            const end = (answered: boolean) => resolve({ asked, answered });
            const { host, agent } = this;
            const request = https.get({ host, port: 5000, path: "/v2/", agent, timeout: PATIENCE }, (response) => {
                response.resume();
                response.on("end", () => end(response.statusCode === 401));
                response.on("error", () => end(false));
            });
            request.on("timeout", () => request.destroy());
            request.on("error", () => end(false));
        });
    }
}

/** Seconds from each question without an answer to the next that has one; the last question ends what is open. */
export function unanswered(questions: readonly Question[]): number {
    let since: number | undefined;
    let sum = 0;
    for (const { asked, answered } of questions) {
        if (!answered) since ??= asked;
        if (since !== undefined && answered) {
            sum += asked - since;
            since = undefined;
        }
    }
    const last = questions.at(-1);
    if (since !== undefined && last) sum += last.asked - since;
    return sum / 1000;
}
