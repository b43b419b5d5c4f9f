#!/bin/sh
# What the program of operations wants of docker, done on this machine: $beside holds the data of the registry, the programs of
# images by their names, and busybox's in bin; what was asked for is in $beside/asked.
beside=${0%/*}
echo "$*" >>"$beside/asked"
PATH=$beside/bin
export PATH
case "$*" in
*" --interactive "*)
    if [ ! -p /proc/self/fd/0 ] && [ ! -s /proc/self/fd/0 ]; then
        echo "an engine may lose the end of this input, which is empty: $*" >>"$beside/asked"
        exit 125
    fi
    ;;
*) exec </dev/null ;;
esac
case $1 in
inspect)
    case "$*" in
    *Running*) [ -e "$beside/stopped" ] || echo true ;;
    *"{{.Image}}"*) echo registry ;;
    esac
    exit
    ;;
run)
    shift
    while :; do
        case $1 in
        --mount)
            mounted=${2#*source=} mounted=${mounted%%,*}
            REGCTL_CONFIG=$mounted/config.json
            export REGCTL_CONFIG
            shift
            ;;
        --rm | --interactive | --read-only) ;;
        --*) shift ;;
        *) break ;;
        esac
        shift
    done
    if [ -x "$beside/before" ]; then "$beside/before" "$@"; fi
    program=$beside/images/$1
    shift
    for word in "$@"; do
        case $word in
        /etc/regclient/*) word=$mounted/${word#/etc/regclient/} ;;
        *"/var/lib/registry"*) word=$(echo "$word" | sed "s|/var/lib/registry|$beside/data|g") ;;
        esac
        set -- "$@" "$word"
        shift
    done
    echo $$ >"$beside/running"
    exec "$program" "$@"
    ;;
ps)
    { read -r running <"$beside/running" && kill -0 "$running" && echo "$running"; } 2>/dev/null || true
    exit
    ;;
rm)
    read -r running <"$beside/running"
    kill -9 "$running"
    ;;
exec)
    # Of the registry's processes there is none here.
    case "$*" in
    *" kill -HUP 1" | *garbage-collect*) exit ;;
    *" ps -o args")
        case $(cat "$beside/control/registry/writes") in
        blocked*) echo "registry serve /etc/distribution/read-only.yml" ;;
        *) echo "registry serve /etc/distribution/config.yml" ;;
        esac
        exit
        ;;
    esac
    shift
    while case $1 in -*) true ;; *) false ;; esac do shift; done
    shift
    for word in "$@"; do
        case $word in
        *"/var/lib/registry"*) word=$(echo "$word." | sed "s|/var/lib/registry|$beside/data|g") word=${word%.} ;;
        esac
        set -- "$@" "$word"
        shift
    done
    exec "$@"
    ;;
esac
