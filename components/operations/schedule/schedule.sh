# When operations run: the NAS's scheduler starts the program every five minutes, and this says what became due since it did so
# last, however long ago that is.
#
# Values: schedules (lines for due.awk), due_program (due.awk), control_directory

ticked=$control_directory/operations/ticked

# due_operations: sets $due to the names, with newlines between, in the order of $schedules. They stay due until ticked_now.
due_operations() {
    due=$(echo "$schedules" | awk -v now="$(date +%s)" -v zone="$(date +%z)" -v last="$(cat "$ticked" 2>/dev/null || true)" "$due_program")
    looked=${due%%"$newline"*} due=${due#"$looked"}
}

# ticked_now: what due_operations has found is done. What came while it was done is found the next time.
ticked_now() { echo "$looked" | write_file "$ticked" 600 "$me:$(id -g)"; }
