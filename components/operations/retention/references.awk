# What images refer to, of the files of manifests: "index DIGEST CHILD" and "subject DIGEST OTHER", as plan.awk reads them. It may
# find more than there is, which only keeps more. Runs in the registry's container.
BEGIN { RS = "\001" }
{
    digest = "sha256:" path[split(FILENAME, path, "/") - 1]
    if (match($0, /"subject"[ \t\r\n]*:[ \t\r\n]*[{][^}]*/)) {
        say("subject", substr($0, RSTART, RLENGTH))
        $0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
    }
    if ($0 ~ /"manifests"[ \t\r\n]*:/) say("index", $0)
}

function say(kind, text,    parts, n, k, hex) {
    n = split(text, parts, "sha256:")
    for (k = 2; k <= n; k++) {
        hex = substr(parts[k], 1, 64)
        if (length(hex) == 64 && hex !~ /[^0-9a-f]/) print kind, digest, "sha256:" hex
    }
}
