# The arithmetic of daemon.sh: merges settings into the Docker daemon's JSON file and takes them out again. Runs in mawk,
# gawk and busybox awk, byte for byte (LC_ALL=C).
#
# The file is edited, not written anew: every byte that is not ours stays where it is, so that keys, their order, their
# spelling and the layout are the owner's.
#
#   merge FILE SETTINGS OWN STACK NEXT-FILE NEXT-OWN [OTHER…]
#       FILE with the settings in it and without what OWN lists and SETTINGS has no more; prints "changed" or "same".
#   same FILE FILE
#       Prints "same" when both mean the same, "different" otherwise.
#   differences FILE FILE
#       Prints, one a line, the keys that do not mean the same in both.
#   missing INFO SETTINGS
#       Prints, one a line, the settings that a daemon with this `docker info` does not have.
#
# OWN and OTHER are records, one for each stack: what it added, and what stood there before.
#   { "stack": name,
#     "lists":  { key: { "created": true when the key was not there, "entries": [ours, …] } },
#     "values": { key: { "ours": value, "before": value, or nothing when the key was not there } } }
# What several stacks want is in the records of all of them; the last to leave takes it out.
#
# When something is wrong, a sentence is printed and the exit status is 1.

BEGIN {
    # A byte that JSON cannot contain: a file is one record, its last newline included.
    RS = "\001"
    ORS = ""
    mode = ARGV[1]
    if (mode == "merge") {
        merge()
    } else if (mode == "same") {
        print (canonical(parse(read_file(ARGV[2]))) == canonical(parse(read_file(ARGV[3]))) ? "same" : "different")
    } else if (mode == "differences") {
        differences(parse(read_file(ARGV[2])), parse(read_file(ARGV[3])))
    } else if (mode == "missing") {
        missing()
    }
    exit 0
}

function fail(sentence) {
    print sentence
    exit 1
}

# ---- Reading JSON. A node has a kind, its first and last byte in its document's text, and its children.

function read_file(file,    part, d) {
    d = ++documents
    path[d] = file
    text[d] = ""
    while ((getline part < file) > 0) {
        text[d] = text[d] (text[d] == "" ? "" : RS) part
    }
    close(file)
    return d
}

# On a full disk mawk and gawk end here with a message of their own; busybox's awk goes on as if it had written.
function write_file(file, content) {
    print content > file
    close(file)
    if (text[read_file(file)] "" != content "") {
        exit 2
    }
}

# parse DOCUMENT: its root node. What was read before is read again only when it has changed.
function parse(d,    root) {
    if (d in root_of && text[d] "" == parsed[d] "") {
        return root_of[d]
    }
    doc = d
    at = substr(text[d], 1, 3) == sprintf("%c%c%c", 239, 187, 191) ? 4 : 1
    source = text[d]
    root = value()
    spaces()
    if (at <= length(source)) {
        invalid("something follows the end")
    }
    if (kind[root] != "object") {
        invalid("it is no object")
    }
    parsed[d] = text[d]
    root_of[d] = root
    return root
}

function invalid(what,    before) {
    before = substr(source, 1, at)
    fail("'" path[doc] "' on this NAS is not valid JSON: " what " (line " gsub(/\n/, "", before) + 1 ")")
}

function spaces(    part) {
    do {
        part = substr(source, at, 256)
        if (!match(part, /^[ \t\r\n]+/)) {
            return
        }
        at += RLENGTH
    } while (RLENGTH == 256)
}

function value(    n, c) {
    spaces()
    n = ++nodes
    size[n] = 0
    of[n] = doc
    first[n] = at
    c = substr(source, at, 1)
    if (c == "{" || c == "[") {
        kind[n] = c == "{" ? "object" : "array"
        container(n, c == "{" ? "}" : "]")
    } else if (c == "\"") {
        kind[n] = "string"
        content[n] = quoted()
    } else {
        kind[n] = "plain"
        c = substr(source, at, 256)
        if (!match(c, /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)) {
            invalid(at > length(source) ? "it ends too early" : "a value is expected")
        }
        at += RLENGTH
    }
    last[n] = at - 1
    return n
}

# A child's lead is where the white space before it begins.
function container(n, closing,    c, lead, start, name, colon) {
    at++
    lead = at
    spaces()
    if (substr(source, at, 1) == closing) {
        at++
        return
    }
    while (1) {
        spaces()
        start = at
        if (closing == "}") {
            if (substr(source, at, 1) != "\"") {
                invalid("a key is expected")
            }
            name = quoted()
            colon = at
            spaces()
            if (substr(source, at, 1) != ":") {
                invalid("a colon is expected")
            }
            at++
        }
        c = value()
        child[n, ++size[n]] = c
        lead_at[c] = lead
        start_at[c] = start
        key[c] = name
        colon_at[c] = colon
        spaces()
        lead = at + 1
        at++
        if (substr(source, at - 1, 1) == closing) {
            return
        }
        if (substr(source, at - 1, 1) != ",") {
            at--
            invalid("a comma or '" closing "' is expected")
        }
    }
}

# The string that begins here, without its escapes.
function quoted(    part, result, c) {
    at++
    result = ""
    while (1) {
        part = substr(source, at, 256)
        if (part == "") {
            invalid("a string has no end")
        }
        if (!match(part, /["\\]/)) {
            plain(part)
            result = result part
            at += length(part)
            continue
        }
        c = substr(part, RSTART, 1)
        part = substr(part, 1, RSTART - 1)
        plain(part)
        result = result part
        at += length(part) + 1
        if (c == "\"") {
            return result
        }
        result = result escaped()
    }
}

function plain(part) {
    if (control == "") {
        control = "[" sprintf("%c-%c", 1, 31) "]"
    }
    if (part ~ control) {
        invalid("a string has a control character in it")
    }
}

# What follows a backslash.
function escaped(    c, code, low) {
    c = substr(source, at, 1)
    at++
    if (c == "u") {
        code = four_digits()
        if (code >= 55296 && code < 56320 && substr(source, at, 2) == "\\u") {
            at += 2
            low = four_digits()
            if (low >= 56320 && low < 57344) {
                return utf8(65536 + (code - 55296) * 1024 + low - 56320)
            }
            at -= 6
        }
        return utf8(code)
    }
    if (c == "" || !index("\"\\/bfnrt", c)) {
        invalid("a string has an unknown escape in it")
    }
    return index("bfnrt", c) ? substr("\b\f\n\r\t", index("bfnrt", c), 1) : c
}

function four_digits(    digits, i, code) {
    digits = tolower(substr(source, at, 4))
    if (digits !~ /^[0-9a-f][0-9a-f][0-9a-f][0-9a-f]$/) {
        invalid("a string has an unknown escape in it")
    }
    at += 4
    code = 0
    for (i = 1; i <= 4; i++) {
        code = code * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
    }
    return code
}

function utf8(code) {
    if (code == 0) {
        # No awk but gawk has this byte; nothing here compares such strings.
        return "\\u0000"
    }
    if (code < 128) {
        return sprintf("%c", code)
    }
    if (code < 2048) {
        return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    }
    if (code < 65536) {
        return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
    }
    return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}

# ---- Asking

# The text of a node as it stands in its document; nothing for no node.
function raw(n) {
    return n ? substr(text[of[n]], first[n], last[n] - first[n] + 1) : ""
}

# member OBJECT KEY: the value of the key, 0 when there is none. Of two the daemon takes the last.
function member(n, name,    i) {
    for (i = n ? size[n] : 0; i >= 1; i--) {
        if (key[child[n, i]] == name) {
            return child[n, i]
        }
    }
    return 0
}

# position ARRAY STRING: where it stands, from 1; 0 when it does not.
function position(n, wanted,    i, c) {
    for (i = n ? size[n] : 0; i >= 1; i--) {
        c = child[n, i]
        if (kind[c] == "string" && content[c] "" == wanted "") {
            return i
        }
    }
    return 0
}

# One text for everything that means the same.
function canonical(n,    i, j, c, result, count, order) {
    if (kind[n] == "string") {
        return measured(content[n])
    }
    if (kind[n] == "plain") {
        result = raw(n)
        return result ~ /[.eE]/ && result !~ /[tfn]/ ? sprintf("%.17g", result + 0) : result
    }
    result = ""
    count = 0
    for (i = 1; i <= size[n]; i++) {
        c = child[n, i]
        if (kind[n] == "array") {
            result = result canonical(c) ","
        } else if (member(n, key[c]) == c) {
            for (j = count++; j >= 1 && key[order[j]] "" > key[c] ""; j--) {
                order[j + 1] = order[j]
            }
            order[j + 1] = c
        }
    }
    for (i = 1; i <= count; i++) {
        result = result measured(key[order[i]]) canonical(order[i]) ","
    }
    return substr(kind[n], 1, 1) "(" result ")"
}

function measured(string) {
    return length(string) ":" string
}

function differences(one, other,    i, name) {
    for (i = 1; i <= size[one]; i++) {
        name = key[child[one, i]]
        if (!member(other, name)) {
            print name "\n"
        }
    }
    for (i = 1; i <= size[other]; i++) {
        name = key[child[other, i]]
        if (!member(one, name) || canonical(member(one, name)) != canonical(member(other, name))) {
            print name "\n"
        }
    }
}

# ---- Editing. Each edit changes the document's text; its nodes are read again for the next.

function splice(d, from, to, replacement) {
    text[d] = substr(text[d], 1, from - 1) replacement substr(text[d], to + 1)
}

# append NODE TEXT: a further child, laid out as the last one is.
function append(n, item,    c) {
    if (!size[n]) {
        splice(of[n], first[n] + 1, first[n], item)
        return
    }
    c = child[n, size[n]]
    splice(of[n], last[c] + 1, last[c], "," substr(text[of[n]], lead_at[c], start_at[c] - lead_at[c]) item)
}

function remove(n, i,    c) {
    c = child[n, i]
    if (i > 1) {
        splice(of[n], last[child[n, i - 1]] + 1, last[c], "")
    } else if (size[n] > 1) {
        splice(of[n], lead_at[c], lead_at[child[n, 2]] - 1, "")
    } else {
        splice(of[n], first[n] + 1, last[c], "")
    }
}

# set DOCUMENT KEY TEXT: the value of a key of the root; no text removes the key.
function set(d, name, item,    root, c, i) {
    root = parse(d)
    c = member(root, name)
    if (c && item != "") {
        splice(d, first[c], last[c], item)
    } else if (c) {
        for (i = 1; child[root, i] != c; i++) {
        }
        remove(root, i)
    } else if (item != "") {
        c = size[root] ? child[root, size[root]] : 0
        append(root, "\"" name "\"" (c ? substr(text[d], colon_at[c], first[c] - colon_at[c]) : ":") item)
    }
}

# ---- Merging

function merge(    i, before, same, lists, values) {
    daemon = read_file(ARGV[2])
    before = canonical(parse(daemon))
    original = text[daemon]
    settings = parse(read_file(ARGV[3]))
    own = parse(read_file(ARGV[4]))
    stack = ARGV[5]
    for (i = 8; i < ARGC; i++) {
        others[++other_count] = parse(read_file(ARGV[i]))
    }
    lists = values = ""
    collect(settings)
    collect(member(own, "lists"))
    collect(member(own, "values"))
    for (i = 1; i <= touched_count; i++) {
        if (kind[member(settings, touched[i])] == "array" || member(member(own, "lists"), touched[i])) {
            lists = lists merge_list(touched[i], lists)
        } else {
            values = values merge_value(touched[i], values)
        }
    }
    same = canonical(parse(daemon)) == before
    write_file(ARGV[6], same ? original : text[daemon])
    # Nothing is ours: no record.
    write_file(ARGV[7], lists values == "" ? "" : "{\"stack\":" stack ",\"lists\":{" lists "},\"values\":{" values "}}\n")
    print (same ? "same" : "changed")
}

function collect(n,    i, name) {
    for (i = 1; n && i <= size[n]; i++) {
        name = key[child[n, i]]
        if (!(name in known)) {
            known[name] = 1
            touched[++touched_count] = name
        }
    }
}

# claimed KEY STRING: whether another stack counts this entry of the list as its own.
function claimed(name, entry,    i) {
    for (i = 1; i <= other_count; i++) {
        if (position(member(member(member(others[i], "lists"), name), "entries"), entry)) {
            return 1
        }
    }
    return 0
}

# Whether this stack, or another before it, made the list.
function list_was_made(name,    i) {
    for (i = 1; i <= other_count; i++) {
        if (raw(member(member(member(others[i], "lists"), name), "created")) == "true") {
            return 1
        }
    }
    return raw(member(member(member(own, "lists"), name), "created")) == "true"
}

# The list of the daemon's file, 0 when there is none.
function list_in_file(name,    n) {
    n = member(parse(daemon), name)
    if (n && kind[n] != "array") {
        fail("'" name "' in '" path[daemon] "' on this NAS is no list")
    }
    return n
}

# merge_list KEY SOFAR: edits the file, and returns what the record says about it.
function merge_list(name, sofar,    wanted, ours, i, c, n, entries, made, here, reached) {
    wanted = member(settings, name)
    ours = member(member(member(own, "lists"), name), "entries")
    made = list_was_made(name)
    for (i = 1; ours && i <= size[ours]; i++) {
        c = content[child[ours, i]]
        if (!position(wanted, c) && !claimed(name, c)) {
            n = list_in_file(name)
            if (position(n, c)) {
                remove(n, position(n, c))
            }
        }
    }
    entries = ""
    reached = 0
    for (i = 1; wanted && i <= size[wanted]; i++) {
        c = child[wanted, i]
        if (position(wanted, content[c]) != i) {
            # It is asked for again further on.
            continue
        }
        n = list_in_file(name)
        here = position(n, content[c])
        if (here >= reached) {
            reached = here
        } else if (name == "registry-mirrors" && here && position(ours, content[c]) && !claimed(name, content[c])) {
            # The daemon asks one mirror after another; an entry moves when it is this stack's alone.
            remove(n, here)
            n = list_in_file(name)
            here = 0
        }
        if (!here) {
            reached = (n ? size[n] : 0) + 1
            if (n) {
                append(n, raw(c))
            } else {
                made = 1
                set(daemon, name, "[" raw(c) "]")
            }
        } else if (!position(ours, content[c]) && !claimed(name, content[c])) {
            # It was there before us, and stays when we go.
            continue
        }
        entries = entries (entries == "" ? "" : ",") raw(c)
    }
    n = list_in_file(name)
    if (n && !size[n] && made) {
        set(daemon, name, "")
    }
    if (entries == "") {
        return ""
    }
    return (sofar == "" ? "" : ",") "\"" name "\":{\"created\":" (made ? "true" : "false") ",\"entries\":[" entries "]}"
}

# Another stack's record of this value, 0 when there is none.
function others_value(name,    i, n) {
    for (i = 1; i <= other_count; i++) {
        n = member(member(others[i], "values"), name)
        if (n) {
            if (member(settings, name) && canonical(member(n, "ours")) != canonical(member(settings, name))) {
                fail("the stack " raw(member(others[i], "stack")) " has set '" name "' to " raw(member(n, "ours")) " on this NAS, and a daemon has one '" name "': give it the same value in both stacks, or remove '" path[of[n]] "' on the NAS when that stack is gone")
            }
            return n
        }
    }
    return 0
}

# merge_value KEY SOFAR: as merge_list.
function merge_value(name, sofar,    wanted, ours, theirs, now, is_ours, before) {
    wanted = member(settings, name)
    ours = member(member(own, "values"), name)
    theirs = others_value(name)
    now = member(parse(daemon), name)
    is_ours = ours && now && canonical(now) == canonical(member(ours, "ours"))
    if (!wanted) {
        if (is_ours && !theirs) {
            set(daemon, name, raw(member(ours, "before")))
        }
        return ""
    }
    if (now && canonical(now) == canonical(wanted) && !ours && !theirs) {
        # It was there before us, and stays when we go.
        return ""
    }
    if (is_ours) {
        before = raw(member(ours, "before"))
    } else if (theirs) {
        before = raw(member(theirs, "before"))
    } else if (now && canonical(now) == canonical(wanted)) {
        before = raw(member(ours, "before"))
    } else {
        before = raw(now)
    }
    if (!now || canonical(now) != canonical(wanted)) {
        set(daemon, name, raw(wanted))
    }
    return (sofar == "" ? "" : ",") "\"" name "\":{\"ours\":" raw(wanted) (before == "" ? "" : ",\"before\":" before) "}"
}

# ---- Comparing with the daemon

function missing(    info, registry, settings, i, c, n, index_config, without_slash) {
    info = parse(read_file(ARGV[2]))
    settings = parse(read_file(ARGV[3]))
    registry = member(info, "registry")
    n = member(settings, "insecure-registries")
    for (i = 1; n && i <= size[n]; i++) {
        c = child[n, i]
        index_config = member(member(registry, "IndexConfigs"), content[c])
        if (!position(member(registry, "InsecureRegistryCIDRs"), content[c]) && raw(member(index_config, "Secure")) != "false") {
            print "insecure-registries " raw(c) "\n"
        }
    }
    n = member(settings, "registry-mirrors")
    for (i = 1; n && i <= size[n]; i++) {
        c = child[n, i]
        without_slash = content[c]
        sub(/\/$/, "", without_slash)
        # The engine ends each with a slash.
        if (!position(member(registry, "Mirrors"), without_slash "/") && !position(member(registry, "Mirrors"), without_slash)) {
            print "registry-mirrors " raw(c) "\n"
        }
    }
    n = member(settings, "log-driver")
    if (n && content[member(info, "driver")] != content[n]) {
        print "log-driver " raw(n) "\n"
    }
}
