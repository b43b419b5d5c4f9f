/** What a server or a tool could say to take over the terminal of whoever reads it; `\\033` is for dash's echo. */
export const evilText = "\x1b[2J\x1b]0;title\x07\x9b31m\x7f\b\r\u202edlrow\u2066 \\033[31m\\c";

/** Of which a terminal shows nothing, but obeys it. */
export const unprintable = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
