# The arithmetic of daemon.sh: what the Docker daemon's JSON file becomes. Runs in mawk, gawk and busybox awk (LC_ALL=C).
#
#   merge FILE BASE OWN NEW NEXT NEXT-BASE RECORD…
#       FILE is BASE with what the stacks ask for, one RECORD each; OWN asks for NEW from now on. What others have changed
#       in FILE goes into BASE. Writes both anew, and prints the keys that FILE changes, one a line.
#   missing RECORD INFO
#       Prints, one a line, the settings that the daemon does not have; INFO has them in the words of the file.
#
# A file that does not exist holds nothing. When something is wrong, a sentence is printed and the exit status is 1.

BEGIN {
    # A byte that JSON cannot contain: a file is one record, its last newline included.
    RS = "\001"
    if (ARGV[1] == "merge") merge()
    else missing(member(parse(ARGV[2]), "settings"), parse(ARGV[3]))
    exit 0
}

function fail(sentence) {
    print sentence
    exit 1
}

function merge(    now, later, bare, bare_text, text, i, list, there) {
    now = parse(ARGV[2])
    later = parse(ARGV[2])
    base = parse(ARGV[3])
    ours = member(parse(ARGV[5]), "settings")
    settle(later, 0)
    bare = written(later, now)
    bare_text = bare == written(now, now) ? source[now] : bare
    if (base && bare == written(base, base)) bare_text = source[base]
    settle(later, 1)
    for (i = 1; i <= size[later]; i++) {
        list = child[later, i]
        there = member(now, key[later, i])
        if (list in foreign && as_good(there, list, key[later, i] == "registry-mirrors")) child[later, i] = there
    }
    text = written(later, now)
    write(ARGV[6], text == bare ? bare_text : text)
    write(ARGV[7], bare_text)
    printf "%s", differences(now, later)
}

# settle FILE ADDING: adds what the records ask for; or takes it out, and what an update that was cut off asked for.
function settle(file, adding,    i, j, record, asked, name, mine) {
    for (i = 8; i < ARGC; i++) {
        if (adding && ARGV[i] ~ /pending$/) continue
        record = parse(adding && ARGV[i] == ARGV[4] ? ARGV[5] : ARGV[i])
        asked = member(record, "settings")
        for (j = 1; j <= size[asked]; j++) {
            name = key[asked, j]
            mine = member(ours, name)
            if (!adding) take(file, name, child[asked, j])
            else if (!mine || spelled[mine] == "[" || same(mine, child[asked, j])) add(file, name, child[asked, j])
            else
                fail("the stack " spelled[member(record, "stack")] " has set '" name "' to " render(child[asked, j]) " on this NAS, and a daemon has one '" name "': give it the same value in both stacks, or remove '" ARGV[i] "' on the NAS when that stack is gone")
        }
    }
}

# take FILE KEY VALUE: the base has its own, and what others have changed stays.
function take(file, name, asked,    was, there, i) {
    was = member(base, name)
    there = member(file, name)
    if (spelled[asked] != "[" && same(there, asked) && !same(was, asked)) put(file, name, was)
    if (spelled[asked] != "[" || spelled[there] != "[") return
    for (i = 1; i <= size[asked]; i++)
        if (!find(was, key[asked, i])) put(there, key[asked, i], 0)
    if (!size[there] && spelled[was] != "[") put(file, name, was)
}

# add FILE KEY VALUE: notes what was not there before.
function add(file, name, wanted,    there, i, entry) {
    there = member(file, name)
    if (spelled[wanted] != "[" && !same(there, wanted)) {
        put(file, name, wanted)
        added = added name " " spelled[wanted] "\n"
    }
    if (spelled[wanted] != "[") return
    if (!there || spelled[there] == "null") {
        there = ++nodes
        spelled[there] = meaning[there] = "["
        put(file, name, there)
    }
    if (spelled[there] != "[") fail("'" name "' in '" ARGV[2] "' on this NAS is no list")
    if (!(there in foreign)) foreign[there] = size[there] + 0
    for (i = 1; i <= size[wanted]; i++) {
        entry = child[wanted, i]
        # The engine ends each mirror with a slash.
        if (find(there, meaning[entry]) || find(there, meaning[entry] "/")) continue
        append(there, "", entry)
        added = added name " " spelled[entry] "\n"
    }
}

# Whether the file's list has the same entries, and the stacks' mirrors in their order: the daemon asks one after another.
function as_good(there, list, ordered,    i, at, last) {
    for (i = 1; i <= size[list]; i++) {
        at = find(there, key[list, i])
        if (!at || (ordered && at < last)) return 0
        if (i > foreign[list]) last = at
    }
    return size[there] == size[list]
}

# By cat, since busybox's awk goes on after a full disk as if it had written.
function write(file, content,    command) {
    command = "cat 2>/dev/null >'" file "'"
    printf "%s", content | command
    if (close(command)) exit 2
}

# What `docker info` does not tell is not missed.
function missing(asked, running,    i) {
    for (i = 1; i <= size[asked]; i++)
        if (member(running, key[asked, i])) add(running, key[asked, i], child[asked, i])
    printf "%s", added
}

# ---- JSON. A node has its spelling (of a container the bracket), its meaning, and children with their keys. The keys of a
# list are its entries' meanings. A string's meaning begins with a quotation mark.

# parse FILE: the object in it, 0 when there is no such file. Since 23 the engine drops more white space at both ends than JSON
# has, no-break spaces among it, and takes a file with nothing in it, or with null, for an empty object.
function parse(file,    root, content, blanks) {
    if ((getline content < file) < 0) return 0
    close(file)
    rest = content
    sub(/^\357\273\277/, "", rest)
    blanks = "([ \t\r\n\v\f]|\302\240)*"
    match(rest, "^" blanks)
    path = substr(rest, 1, RLENGTH)
    line = 1 + gsub(/\n/, "", path)
    rest = substr(rest, RLENGTH + 1)
    sub(blanks "$", "", rest)
    if (rest == "" || rest == "null") rest = "{}"
    path = file
    advance()
    root = value(0)
    if (token != "") invalid("something follows the end")
    if (spelled[root] != "{") invalid("it is no object")
    source[root] = content
    return root
}

function invalid(what) { fail("'" path "' on this NAS is not valid JSON: " what " (line " line ")") }

# Goes to the next token; it is empty at the end.
function advance() {
    match(rest, /^[ \t\r\n]*/)
    token = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
    line += gsub(/\n/, "", token)
    is_scalar = match(rest, /^"[^"\\]*(\\.[^"\\]*)*"/) ||
        match(rest, /^(true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)/)
    token = substr(rest, 1, is_scalar ? RLENGTH : 1)
    if (token == "\"") invalid("a string has no end")
    rest = substr(rest, length(token) + 1)
}

function value(depth,    n, closing, name) {
    # mawk's stack ends at some hundred.
    if (depth > 100) invalid("it is nested more than 100 deep")
    n = ++nodes
    spelled[n] = meaning[n] = token
    if (token == "{" || token == "[") {
        closing = token == "{" ? "}" : "]"
        advance()
        while (token != closing) {
            if (size[n] && token != ",") invalid("a comma or '" closing "' is expected")
            if (size[n]) advance()
            name = ""
            if (closing == "}") {
                name = token
                if (token !~ /^"/) invalid("a key is expected")
                advance()
                if (token != ":") invalid("a colon is expected")
                advance()
            }
            append(n, name, value(depth + 1))
        }
    } else if (!is_scalar) invalid(token == "" ? "it ends too early" : "a value is expected")
    else if (token ~ /^"/) meaning[n] = "\"" unescaped(token)
    else if (token ~ /^[-0-9].*[.eE]/) meaning[n] = sprintf("%.17g", token)
    advance()
    return n
}

function unescaped(string,    result, at, c) {
    if (string ~ /[\001-\037]/) invalid("a string has a control character in it")
    while ((at = index(string, "\\")) > 0) {
        c = index("\"\\/bfnrtu", substr(string, at + 1, 1))
        if (!c || (c == 9 && tolower(substr(string, at + 2, 4)) !~ /^[0-9a-f][0-9a-f][0-9a-f][0-9a-f]$/))
            invalid("a string has an unknown escape in it")
        result = result substr(string, 1, at - 1)
        result = result (c < 9 ? substr("\"\\/\b\f\n\r\t", c, 1) : character(tolower(substr(string, at + 2, 4))))
        string = substr(string, c < 9 ? at + 2 : at + 6)
    }
    result = result string
    return substr(result, 2, length(result) - 2)
}

# In UTF-8. No awk but gawk has a zero byte; nothing here compares such strings.
function character(digits,    i, code) {
    for (i = 1; i <= 4; i++) code = code * 16 + index("0123456789abcdef", substr(digits, i, 1)) - 1
    if (code < 128) return code ? sprintf("%c", code) : "\\u0000"
    if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
}

# find NODE KEY: where its child of this key is, 0 when it has none. Of two the daemon takes the last.
function find(n, name,    i) {
    for (i = size[n] + 0; i > 0 && key[n, i] != name; i--);
    return i
}

function member(n, name) { return child[n, find(n, name)] + 0 }

function same(a, b,    i) {
    if (spelled[a] == "{" && spelled[b] == "{") return differences(a, b) == ""
    if (meaning[a] "" != meaning[b] "" || size[a] + 0 != size[b] + 0) return 0
    for (i = size[a] + 0; i > 0 && same(child[a, i], child[b, i]); i--);
    return !i
}

# The keys that do not mean the same in both objects, one a line.
function differences(a, b,    i, result) {
    for (i = 1; i <= size[a]; i++)
        if (find(a, key[a, i]) == i && !same(child[a, i], member(b, key[a, i]))) result = result key[a, i] "\n"
    for (i = 1; i <= size[b]; i++)
        if (!find(a, key[b, i])) result = result key[b, i] "\n"
    return result
}

# append NODE SPELLING CHILD: the spelling of its key, empty in a list.
function append(n, spelling, c) {
    child[n, ++size[n]] = c
    label[n, size[n]] = spelling
    key[n, size[n]] = spelling == "" ? meaning[c] : unescaped(spelling)
}

# put NODE KEY CHILD: in the place of the one of this key, or at the end; 0 removes it.
function put(n, name, c,    i) {
    i = find(n, name)
    if (i && c) child[n, i] = c
    else if (c) append(n, "\"" name "\"", c)
    else if (i)
        for (size[n]--; i <= size[n]; i++) {
            child[n, i] = child[n, i + 1]
            label[n, i] = label[n, i + 1]
            key[n, i] = key[n, i + 1]
        }
}

# written NODE FILE: in the layout of the file: on one line or many, its indentation, its colons, its last newline.
function written(n, file,    lines) {
    match(source[file], /[{][ \t\r\n]*/)
    unit = substr(source[file], RSTART + 1, RLENGTH - 1)
    lines = sub(/^.*\n/, "", unit)
    if (!lines) unit = ""
    colon = lines && match(source[file], /"[ \t]*:[ \t]*/) ? substr(source[file], RSTART + 1, RLENGTH - 1) : ":"
    return render(n, lines ? "\n" : "") (source[file] ~ /\n[ \t\r]*$/ ? "\n" : "")
}

function render(n, margin,    i, result) {
    if (spelled[n] != "{" && spelled[n] != "[") return spelled[n]
    for (i = 1; i <= size[n]; i++)
        result = result (i > 1 ? "," : "") margin unit label[n, i] (label[n, i] == "" ? "" : colon) render(child[n, i], margin unit)
    return spelled[n] result (size[n] ? margin : "") (spelled[n] == "{" ? "}" : "]")
}
