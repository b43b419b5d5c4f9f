/** What is measured and how. @param share Of the client in the processor's time of a push. */
export const method = (share: string) => `The same program, distribution 3.1.2, with different settings:

- QNAP guide: the production tier of the guide for QNAP: the image's own configuration, which logs debug messages, no TLS, no users, Redis with its defaults.
  The guide's address of Redis is put where release 3 looks for it, without which the registry does not start.
- as declared: what this package writes when nothing but the NAS is given. TLS with a key of ECDSA P-256, a user with a generated password, whose hash has
  bcrypt cost 4, Redis with a password. The variants differ from it in what they say.

All run at the same time, and one is asked at a time. Redis is Valkey 9 from the lab's image, which this package reaches by a socket, and the guide over TCP. The client sends what Docker's engine sends, five
layers or three at once: for each layer HEAD, POST, PATCH in chunks, PUT and HEAD, over connections that are kept; nothing is compressed. It checks what it
gets by its digest, and takes ${share} of the processor's time of a push. Each push brings new layers, and what it brought is removed afterwards. A cold
pull is one after the page cache was dropped. Half a processor is a quota of 5 ms in each 10 ms, and the slow disk a loop device whose reads and writes
are throttled, its journal included.`;

/** What TLS and users make of a push, in milliseconds. */
export interface Protection {
    /** Of each request for a small layer. */
    request: string;
    /** Of each MiB of a large one. */
    mebibyte: string;
}

/** Why it takes longer than without protection. */
export const reasons = (
    protection: Protection,
) => `Users and TLS are all of it: without them a registry takes what the guide's does.

- **Many small layers**: distribution compares the password anew at each request, five for a layer. With TLS that is ${protection.request} ms a
  request, and bcrypt's cost is 4 already, the least there is. A password of your own choice has cost 10, since its hash may be guessed:
  who pushes much takes a generated one.
- **Large layers**: TLS is ${protection.mebibyte} ms for each MiB here, where both ends share the processors and nothing is in between.
  A network of 1 Gbit/s takes 8 ms for it.
- **On a slow disk** there is next to no difference.`;

export const ending = `zot is not compared: its Go module cannot be had from the module proxy (November 2026), and nothing here is built from anything else.`;
