#!/bin/sh
exec dockerd
