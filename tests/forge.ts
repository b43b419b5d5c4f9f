import * as http from "node:http";
import type { AddressInfo } from "node:net";

export interface Comment {
    id: number;
    body: string;
}

/** The comments of one pull request as GitHub and Gitea serve them, on a port of this machine. */
export class Forge {
    readonly token = "token-of-the-job";
    readonly repository = "anna/nas";
    readonly pullRequest = 7;
    /** Method and path of each request, oldest first. */
    readonly requests: string[] = [];

    private constructor(
        private readonly server: http.Server,
        readonly comments: Comment[],
        /** Gitea answers with all comments, whatever page is asked for. */
        private readonly pages: boolean,
    ) {}

    static async start(options: { comments?: Comment[]; pages: boolean }): Promise<Forge> {
        const server = http.createServer();
        const forge = new Forge(server, options.comments ?? [], options.pages);
        server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
            const parts: Buffer[] = [];
            request.on("data", (part: Buffer) => parts.push(part));
            request.on("end", () => {
                const [status, answer] = forge.answer(request, Buffer.concat(parts).toString());
                response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
            });
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        return forge;
    }

    get url(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v1`;
    }

    /** What a workflow hands to ci/comment.sh. */
    get environment(): Record<string, string> {
        return {
            API_URL: this.url,
            REPOSITORY: this.repository,
            PULL_REQUEST: String(this.pullRequest),
            COMMENT_TOKEN: this.token,
        };
    }

    stop(): Promise<void> {
        return new Promise((resolve) => this.server.close(() => resolve()));
    }

    private answer(request: http.IncomingMessage, text: string): [status: number, answer: unknown] {
        const url = new URL(request.url ?? "", this.url);
        this.requests.push(`${request.method} ${url.pathname}`);
        if (request.headers.authorization !== `token ${this.token}`) {
            return [401, { message: "bad credentials" }];
        }
        const issues = `/api/v1/repos/${this.repository}/issues`;
        const body = () => (JSON.parse(text) as { body: string }).body;
        if (url.pathname === `${issues}/${this.pullRequest}/comments`) {
            if (request.method === "GET") {
                return [200, this.page(url.searchParams)];
            }
            const comment = { id: 1000 + this.comments.length, body: body() };
            this.comments.push(comment);
            return [201, comment];
        }
        const comment = this.comments.find(({ id }) => url.pathname === `${issues}/comments/${id}`);
        if (request.method === "PATCH" && comment) {
            comment.body = body();
            return [200, comment];
        }
        return [404, { message: "not found" }];
    }

    private page(query: URLSearchParams): Comment[] {
        const size = Number(query.get("per_page") ?? 30);
        const first = (Number(query.get("page") ?? 1) - 1) * size;
        return this.pages ? this.comments.slice(first, first + size) : this.comments;
    }
}
