import { atLeast, oneOf } from "../core/framework-rules";
import { boolean, list, number, Schema, string } from "../core/schema";
import { number as numberOf, Props, text } from "../core/values";
import { ALL_USAGES } from "./usages";

/** What SelfSignedCert and LocallySignedCert share. */
export const CERTIFICATE: Schema = {
    allowedUses: list(string({ validate: oneOf(...ALL_USAGES) }), { required: true, replaces: true }),
    validityPeriodHours: number({ required: true, replaces: true, validate: atLeast(0) }),
    earlyRenewalHours: number({ default: 0, validate: atLeast(0) }),
    isCaCertificate: boolean({ default: false, replaces: true }),
    maxPathLength: number({ computed: true, replaces: true, validate: atLeast(-1) }),
    setSubjectKeyId: boolean({ default: false, replaces: true }),
    certPem: string({ output: true }),
    readyForRenewal: boolean({ output: true, default: false }),
    validityStartTime: string({ output: true }),
    validityEndTime: string({ output: true }),
    id: string({ output: true }),
};

/** A certificate whose renewal period is not shorter than its life is ready for renewal from the start. */
export function planRenewal(planned: Props): Props {
    const life = numberOf(planned, "validityPeriodHours") ?? 0;
    return { ...planned, readyForRenewal: life === 0 || (numberOf(planned, "earlyRenewalHours") ?? 0) >= life };
}

export function renewalDue(state: Props): boolean {
    const end = Date.parse(text(state, "validityEndTime") ?? "");
    return end - (numberOf(state, "earlyRenewalHours") ?? 0) * 3_600_000 <= Date.now();
}

export function refreshRenewal(state: Props): Props {
    return renewalDue(state) ? { ...state, readyForRenewal: true } : state;
}

export function dueProperties(state: Props): string[] {
    return renewalDue(state) ? ["readyForRenewal"] : [];
}
