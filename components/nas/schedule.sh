# The one entry of the NAS's scheduler (see vendor.sh). What the vendor's schedule.sh defines, of $title and $command:
#
#   look_at_entry sets $fault: "is gone", "is disabled", …, or nothing when the entry is right; ends with die where it cannot look
#   put_entry     makes the entry, or puts right the one of this title
#   remove_entry  takes away what has both title and command
#   by_hand WHY   ends the script with what a person is to do

# In subshells, so that no variable of theirs is another's.
nas_schedule() (
    require_root "the NAS's scheduler"
    title=$1 command="/bin/sh $2 tick"
    look_at_entry
    [ -n "$fault" ] || return 0
    put_entry
    # Some say that it is done when it is not.
    look_at_entry
    [ -z "$fault" ] || by_hand "the task $fault all the same"
)

nas_unschedule() (
    # Nobody else has entered anything.
    [ "$privilege" != group ] || exit 0
    title=$1 command="/bin/sh $2 tick"
    remove_entry
)

nas_schedule_problem() (
    title=$1 command="/bin/sh $2 tick"
    look_at_entry
    [ -z "$fault" ] || echo "the task '$title' $fault (see $(nas_scheduler))"
)
