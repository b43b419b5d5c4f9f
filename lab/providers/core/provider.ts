import type { Props } from "./values";

/** At once, or later. */
export type Answer<T> = T | Promise<T>;

/** What a substitute provider answers; `server.ts` puts it on the wire. */
export interface Provider {
    readonly name: string;
    readonly version: string;
    readonly capabilities: Capabilities;
    checkConfig(news: Props): CheckResult;
    /** Absent: answers "not implemented", as the command provider does. */
    diffConfig?(): DiffResult;
    configure(args: Props): Answer<void>;
    resource(type: string): ResourceType | undefined;
}

export interface Capabilities {
    acceptSecrets?: boolean;
    acceptResources?: boolean;
    acceptOutputs?: boolean;
    supportsAutonamingConfiguration?: boolean;
}

export interface ResourceType {
    check(request: CheckRequest): CheckResult;
    diff(request: DiffRequest): DiffResult;
    create(request: CreateRequest): Answer<Created>;
    /** Undefined when the thing no longer exists. */
    read(request: ReadRequest): Answer<ReadResult | undefined>;
    update(request: UpdateRequest): Answer<Props>;
    delete(request: DeleteRequest): Answer<void>;
}

interface Addressed {
    urn: string;
    name: string;
    type: string;
}

export interface CheckRequest extends Addressed {
    olds: Props;
    news: Props;
    randomSeed: Uint8Array;
    proposedName?: string;
}

export interface CheckFailure {
    property: string;
    reason: string;
}

export interface CheckResult {
    inputs: Props;
    failures: CheckFailure[];
}

export interface DiffRequest extends Addressed {
    id: string;
    olds: Props;
    oldInputs: Props;
    news: Props;
    ignoreChanges: string[];
}

export type DiffKind = "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";

export interface DiffResult {
    changes?: "DIFF_NONE" | "DIFF_SOME";
    diffs?: string[];
    replaces?: string[];
    stables?: string[];
    deleteBeforeReplace?: boolean;
    detailedDiff?: Record<string, DiffKind>;
}

export interface CreateRequest extends Addressed {
    properties: Props;
    preview: boolean;
}

export interface Created {
    id: string;
    properties: Props;
}

export interface ReadRequest extends Addressed {
    id: string;
    properties: Props;
    inputs: Props;
}

export interface ReadResult {
    id: string;
    properties: Props;
    inputs: Props;
}

export interface UpdateRequest extends DiffRequest {
    preview: boolean;
}

export interface DeleteRequest extends Addressed {
    id: string;
    properties: Props;
}

/** The thing exists but is not as asked for: the engine keeps it in its state, marked as failed. */
export class InitializationError extends Error {
    constructor(
        message: string,
        readonly id: string,
        readonly properties: Props,
        readonly inputs: Props,
    ) {
        super(message);
    }
}
