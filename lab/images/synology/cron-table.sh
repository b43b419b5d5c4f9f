#!/bin/sh
# What cron goes by.
cat /etc/crontab
