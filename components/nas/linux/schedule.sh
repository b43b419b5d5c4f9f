# The scheduler of a Linux host (see ../schedule.sh): a timer of systemd's, else a file of cron's. The appliances have /etc anew after an
# update or a restart, so what they keep is told to them: TrueNAS has cron jobs in its database (middleware's cronjob.py), and Unraid
# makes its cron table of files on its flash, those of dynamix and of installed plugins (webgui's update_cron).

by_hand() { die "the task '$title' could not be made on this NAS: $1; see $(nas_scheduler), and run 'up' again."; }

scheduler_of_host() {
    case $(kind_of_host) in
    truenas | unraid) kind_of_host ;;
    *)
        if has_systemd; then
            echo systemd
        elif [ -d "$root/etc/cron.d" ] && { command -v cron || command -v crond; } >/dev/null; then
            echo cron
        else
            echo none
        fi
        ;;
    esac
}

nas_scheduler() {
    case $(scheduler_of_host) in
    truenas) echo "System > Advanced Settings > Cron Jobs" ;;
    unraid) echo "/boot/config/plugins/dynamix" ;;
    systemd) echo "systemctl list-timers" ;;
    cron) echo "/etc/cron.d" ;;
    esac
}

look_at_entry() {
    kind=$(scheduler_of_host)
    [ "$kind" != none ] ||
        die "this NAS has neither systemd nor cron, of which one is needed to run what is scheduled: install cron ('apt install cron'), and run 'up' again."
    fault=
    if [ "$kind" = truenas ]; then
        look_at_jobs
        return
    fi
    each_file look_at
    case $fault:$kind in
    :systemd)
        { systemctl is-enabled "$name.timer" && systemctl is-active "$name.timer"; } >/dev/null 2>&1 || fault="is disabled"
        ;;
    :unraid) grep -qxF -e "*/5 * * * * $command" "$root/etc/cron.d/root" 2>/dev/null || fault="is not in the table that cron works from" ;;
    esac
}

put_entry() {
    if [ "$kind" = truenas ]; then
        put_job
    else
        each_file put_one && reload start
    fi || by_hand "the reason stands above"
}

remove_entry() {
    kind=$(scheduler_of_host)
    if [ "$kind" = truenas ]; then
        remove_jobs
        return
    fi
    is_ours=
    each_file find_command
    [ -n "$is_ours" ] || return 0
    [ "$kind" != systemd ] || systemctl disable --now "$name.timer" >/dev/null 2>&1 || true
    each_file remove_one
    reload || by_hand "the reason stands above"
}

# each_file DO: calls the function with each file of the entry, its text and its mode. What has the command is the last: the entry is ours
# as long as that is there. A name of cron's has no dot; flash knows no other mode.
each_file() {
    name=$(echo "$title" | tr ' ' -)
    unit=$root/etc/systemd/system/$name
    case $kind in
    systemd)
        "$1" "$unit.timer" "[Unit]
Description=$title
[Timer]
OnCalendar=*:0/5
Persistent=true
[Install]
WantedBy=timers.target
" 644
        "$1" "$unit.service" "[Unit]
Description=$title
[Service]
Type=oneshot
ExecStart=$command
" 644
        ;;
    cron) "$1" "$root/etc/cron.d/$(echo "$name" | sed 's/_/__/g; s/[.]/_d/g')" "*/5 * * * * root $command$newline" 644 ;;
    unraid) "$1" "$root/boot/config/plugins/dynamix/$name.cron" "*/5 * * * * $command$newline" 600 ;;
    esac
}

look_at() {
    if [ ! -e "$1" ]; then
        fault="is gone"
    elif ! has_text "$2" "$1"; then
        fault=${fault:-"is not as this stack made it"}
        case $1 in *.timer) ;; *) grep -qF "$command" "$1" || fault="runs something else" ;; esac
    fi
}

put_one() { put "$2" "$1" "$3" 0:0; }
find_command() { ! grep -qF "$command" "$1" 2>/dev/null || is_ours=yes; }
remove_one() { rm -f "$1"; }

reload() { # [start]
    case $kind in
    systemd)
        systemctl daemon-reload || return 1
        [ -z "${1:-}" ] || { systemctl enable --quiet "$name.timer" && systemctl restart "$name.timer"; }
        ;;
    # Its first line names no shell.
    unraid) bash "$root/usr/local/sbin/update_cron" ;;
    esac
}

# find_jobs [FILTER]: sets $found to the numbers of TrueNAS's cron jobs of this title.
find_jobs() {
    found=$(midclt call cronjob.query "[[\"description\",\"=\",\"$title\"]${1:-}]" '{"select":["id"]}') ||
        die "TrueNAS does not show its cron jobs; the reason stands above."
    found=$(echo "$found" | tr -cs 0-9 ' ' | sed 's/^ *//; s/ *$//')
}
find_our_jobs() { find_jobs ",[\"command\",\"=\",\"$command\"]${1:-}"; }

look_at_jobs() {
    enabled=',["enabled","=",true]'
    always=',["user","=","root"],["schedule.minute","=","*/5"]'
    for field in hour dom month dow; do always="$always,[\"schedule.$field\",\"=\",\"*\"]"; done
    find_our_jobs "$enabled$always"
    [ -z "$found" ] || return 0
    fault="does not run every five minutes as root"
    find_our_jobs "$enabled"
    [ -n "$found" ] || fault="is disabled"
    find_our_jobs
    [ -n "$found" ] || fault="runs something else"
    find_jobs
    [ -n "$found" ] || fault="is gone"
}

put_job() {
    job='"schedule":{"minute":"*/5","hour":"*","dom":"*","month":"*","dow":"*"}'
    job="{\"user\":\"root\",\"command\":\"$command\",\"description\":\"$title\",\"enabled\":true,$job}"
    find_our_jobs
    [ -n "$found" ] || find_jobs
    if [ -n "$found" ]; then
        midclt call cronjob.update "${found%% *}" "$job"
    else
        midclt call cronjob.create "$job"
    fi >/dev/null
}

remove_jobs() {
    find_our_jobs
    for id in $found; do midclt call cronjob.delete "$id" >/dev/null || by_hand "the reason stands above"; done
}
