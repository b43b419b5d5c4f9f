# Which tags of a registry go: those that a rule is about and that nothing keeps. On standard input, in any order but that of tags:
#
#   now SECONDS                               share PERCENT of the tags of a repository, and of all, that may go at once
#   rule REPOSITORIES TAGS NEWEST YOUNGER     patterns, tags to keep in a repository and seconds in which they are kept, or "-"
#   keep TAGS                                 a pattern of those that always stay
#   revision REPOSITORY DIGEST                an image, tagged or not
#   index DIGEST CHILD, subject DIGEST OTHER  what an image refers to
#   tag REPOSITORY ORDER TAG DIGEST SECONDS   those pushed last first; of one ORDER are those pushed at the same moment
#   end
#
# Printed are "image REPOSITORY TAG DIGEST SECONDS" for what goes, "referrer ..." for a tag that goes since it is about one of
# those, as signatures are, "refused REPOSITORY GOING ALL" where that is more than the share ("-": of all repositories), and "end".

$1 == "now" && NF == 2 { now = $2; next }
$1 == "share" && NF == 2 { share = $2; next }
$1 == "rule" && NF == 5 { rules++; repositories[rules] = $2; patterns[rules] = $3; newest[rules] = $4; younger[rules] = $5; next }
$1 == "keep" && NF == 2 { always[++keeps] = $2; next }
$1 == "revision" && NF == 3 { revisions[$2, ++revised[$2]] = $3; next }
$1 == "index" && NF == 3 { children[$2] = children[$2] " " $3; next }
$1 == "subject" && NF == 3 { subjects[$2] = subjects[$2] " " $3; next }
$1 == "tag" && NF == 6 {
    i = ++tags
    repository[i] = $2; tag[i] = $4; digest[i] = $5; seconds[i] = $6
    if (!($2 in first)) { names[++count] = $2; first[$2] = i }
    if ($2 in last) next_of[last[$2]] = i
    last[$2] = i
    all[$2]++
    is_tagged[$2, $5] = 1
    if (!is_always($4)) about[i] = subject_of($4)
    if (is_always($4)) stays[i] = 1
    else if (about[i] == "") stays[i] = is_kept($2, $4, $3 "", now - $6)
    else referrers[$2, about[i]] = referrers[$2, about[i]] " " i
    next
}
$1 == "end" && NF == 1 { is_whole = 1; next }
{ is_wrong = 1; exit }

END {
    # Of a list that is cut short, nothing is known.
    if (is_wrong || !is_whole || rules == 0 || share == "" || now == "") exit 1
    for (n = 1; n <= count; n++) decide(names[n])
    if (total * 100 > share * tags) print "refused - " total " " tags
    print "end"
}

function is_always(name,    k) {
    for (k = 1; k <= keeps; k++) if (name ~ always[k]) return 1
    return 0
}

# The digest that a tag is about by its name: of referrers (sha256-DIGEST), and of cosign's (with .sig, .att, .sbom behind).
function subject_of(name,    hex) {
    hex = substr(name, 8, 64)
    if (substr(name, 1, 7) != "sha256-" || length(hex) != 64 || hex ~ /[^0-9a-f]/ || substr(name, 72) !~ /^([.]|$)/) return ""
    return "sha256:" hex
}

# Whether a rule keeps a tag, or none is about it. Each rule counts the tags that it is about.
function is_kept(where, name, order, age,    r, is_meant, kept) {
    for (r = 1; r <= rules; r++) {
        if (where !~ repositories[r] || name !~ patterns[r]) continue
        is_meant = 1
        if (younger[r] != "-" && age < younger[r] + 0) kept = 1
        if (newest[r] == "-") continue
        if (++rank[r, where] <= newest[r] + 0) { oldest[r, where] = order; kept = 1 }
        # At the same moment as the last of them.
        else if (order == oldest[r, where]) kept = 1
    }
    return kept || !is_meant
}

# keep WHERE WHAT: an image that stays, with all that it refers to.
function keep(where, what,    parts, n, k) {
    if ((where, what) in kept) return
    kept[where, what] = 1
    n = split(children[what] subjects[what], parts, " ")
    for (k = 1; k <= n; k++) keep(where, parts[k])
}

# doom WHERE WHAT: an image that nothing that stays refers to; what is about it goes, and so does what is about its children.
function doom(where, what,    parts, n, k) {
    if ((where, what) in kept || doomed[where, what] == round) return
    doomed[where, what] = round
    n = split(referrers[where, what], parts, " ")
    for (k = 1; k <= n; k++) {
        if ((where, digest[parts[k]]) in kept) continue
        goes[parts[k]] = round
        doom(where, digest[parts[k]])
    }
    n = split(children[what], parts, " ")
    for (k = 1; k <= n; k++) doom(where, parts[k])
}

function decide(where,    i, n, k, parts, is_same, going) {
    for (i = first[where]; i; i = next_of[i]) if (stays[i]) keep(where, digest[i])
    # Of an index without a tag nobody has said that it may go.
    for (k = 1; k <= revised[where]; k++) {
        if ((where, revisions[where, k]) in is_tagged) continue
        n = split(children[revisions[where, k]], parts, " ")
        for (i = 1; i <= n; i++) keep(where, parts[i])
    }
    # A referrer that stays keeps what it refers to, which then keeps its own.
    do {
        round++
        is_same = 1
        for (i = first[where]; i; i = next_of[i]) {
            if (!stays[i] && about[i] == "" && !((where, digest[i]) in kept)) { goes[i] = round; doom(where, digest[i]) }
        }
        for (i = first[where]; i; i = next_of[i]) {
            if (goes[i] != round && !((where, digest[i]) in kept)) { keep(where, digest[i]); is_same = 0 }
        }
    } while (!is_same)
    for (i = first[where]; i; i = next_of[i]) if (goes[i] == round && about[i] == "") going += told("image", i)
    for (i = first[where]; i; i = next_of[i]) if (goes[i] == round && about[i] != "") going += told("referrer", i)
    total += going
    if (going * 100 > share * all[where]) print "refused " where " " going " " all[where]
}

function told(kind, i) {
    print kind, repository[i], tag[i], digest[i], seconds[i]
    return 1
}
