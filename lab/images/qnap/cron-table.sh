#!/bin/sh
# What cron goes by: its copy of /etc/config/crontab, where only number 0 has entries; and its PATH, which has no docker.
echo PATH=/bin:/sbin:/usr/bin:/usr/sbin
sed -E 's/^(([^#[:space:]]+[[:space:]]+){5})/\1root /' /var/spool/cron/crontabs/admin
