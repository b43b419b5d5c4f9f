#!/bin/sh
# What cron goes by: files without a dot in their names, which nobody but root can write; and its PATH.
echo PATH=/usr/bin:/bin
find /etc/cron.d -maxdepth 1 -type f -regex '.*/[A-Za-z0-9_-]*' -user root ! -perm /022 -exec cat '{}' +
