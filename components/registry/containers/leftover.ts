/**
 * What to do about a name that is taken on the NAS by something that the probe let pass since it is this stack's own: an
 * update that is killed leaves what it was just making, and the state does not know of it.
 */
export function explainLeftover(error: string, containerName: string, docker: string): string | undefined {
    if (!/already exists|is already in use by container/.test(error)) {
        return undefined;
    }
    const remove = `${docker} rm --force ${containerName} ${containerName}-redis; ${docker} network rm ${containerName} ${containerName}-cache`;
    return `containerName: an update that was interrupted left a container or network of this name on the NAS; run '${remove}' there (your images stay), then 'pulumi refresh --run-program' and 'pulumi up'.`;
}
