# What became due since the NAS looked last. Runs in mawk, gawk and busybox awk.
#
#   awk -v now=SECONDS -v zone=+HHMM -v last=SECONDS
#
# A line of standard input is an operation and when it is to run, in the NAS's local time; lists have commas:
#   NAME MINUTES HOURS DAYS MONTHS WEEKDAYS EITHER-DAY (1 or 0)
# Prints what `last` is at the next look, and then each NAME that became due after `last`, once, however often it did.
#
# `now` is in UTC, `last` in local time: so the hour that a change of summer time leaves out is made up, and the one that comes
# twice counts once.

BEGIN {
    minute = 60
    hour = 60 * minute
    day = 24 * hour
    # The beginning of 2025: a NAS whose battery is empty begins in 1970 or 2000, until it has asked for the time.
    earliest = 1735689600
    is_set = now >= earliest
    now += (substr(zone, 1, 1) == "-" ? -1 : 1) * (substr(zone, 2, 2) * hour + substr(zone, 4, 2) * minute)
    if (last !~ /^[0-9]+$/ || last < earliest) last = now - 5 * minute
    # A clock that was set back is waited for, unless it was very wrong before.
    if (!is_set || (last > now && last - now <= 3 * hour)) now = last
    printf "%.0f\n", now
    if (now - last > 40 * day) last = now - 40 * day
}

NF && is_due() { print $1 }

function is_due(    today, i, j, hours, minutes, at) {
    for (today = int(now / day); today >= int(last / day); today--) {
        if (!is_on(today)) continue
        hours = split($3, hour_of, ",")
        minutes = split($2, minute_of, ",")
        for (i = 1; i <= hours; i++)
            for (j = 1; j <= minutes; j++) {
                at = today * day + hour_of[i] * hour + minute_of[j] * minute
                if (at > last && at <= now) return 1
            }
    }
    return 0
}

# is_on TODAY, in days since 1970: years begin in March here, so that a leap day is the last of its year, and 400 years are an era.
function is_on(today,    of_era, year, of_year, month, on_date, on_weekday) {
    of_era = (today + 719468) % 146097
    year = int((of_era - int(of_era / 1460) + int(of_era / 36524) - int(of_era / 146096)) / 365)
    of_year = of_era - (365 * year + int(year / 4) - int(year / 100))
    month = int((5 * of_year + 2) / 153)
    on_date = has($4, of_year - int((153 * month + 2) / 5) + 1)
    on_weekday = has($6, (today + 4) % 7)
    return has($5, (month + 2) % 12 + 1) && ($7 ? on_date || on_weekday : on_date && on_weekday)
}

function has(list, number) { return index("," list ",", "," number ",") }
