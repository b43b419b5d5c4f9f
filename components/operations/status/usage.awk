# How many bytes of blobs each repository refers to. Runs in the registry's container.
#
# Standard input: "BYTES blobs/sha256/xx/DIGEST/data" of each blob, and then the path of each link of a repository to one.
# Prints: bytes of all blobs, of those that no repository refers to, and of each repository, as NAME=VALUE.

/^[0-9]+ blobs\// {
    count = split($0, part, "/")
    size[part[count - 1]] = $1 + 0
    all += $1
    next
}

# Nothing else begins with _ in the name of a repository.
match($0, /\/_(layers|manifests\/revisions)\/sha256\/[0-9a-f]+\/link$/) {
    repository = substr($0, 14, RSTART - 14)
    if (repository !~ /^[a-z0-9][a-z0-9._\/-]*$/) next
    count = split($0, part, "/")
    digest = part[count - 1]
    used[repository] += size[digest]
    if (!(digest in referred)) in_use += size[digest]
    referred[digest]
}

END {
    printf "images_bytes=%.0f\nunused_bytes=%.0f\n", all, all - in_use
    for (repository in used) printf "repository/%s=%.0f\n", repository, used[repository]
}
