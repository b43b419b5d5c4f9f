#!/usr/bin/perl
# Synology's engine has a patch: it refuses to create a container whose bind source does not exist, where Docker makes
# the directory. This proxy in front of Debian's engine does the same, in the same words, and passes everything else on.
# socket-proxy.pl <socket to listen on> <socket of the engine>
use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use IPC::Open2;

my ($listen, $engine) = @ARGV;
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
unlink $listen;
my $server = IO::Socket::UNIX->new(Local => $listen, Listen => 128) or die "$listen: $!\n";
my (undef, undef, undef, undef, $uid, $gid) = stat $engine or die "$engine: $!\n";
chown $uid, $gid, $listen;
chmod 0660, $listen;

my $parent = getppid; # the engine: without it there is nothing to be in front of
my $waiting = IO::Select->new($server);
while (getppid == $parent) {
    next unless $waiting->can_read(0.5);
    my $client = $server->accept or next;
    my $pid = fork;
    if (defined $pid && $pid == 0) {
        close $server;
        serve($client);
        exit 0;
    }
    close $client;
}

# One connection: requests are looked at one by one, answers pass as they come.
sub serve {
    my ($client) = @_;
    my $upstream = IO::Socket::UNIX->new(Peer => $engine) or exit 1;
    my %connection = (client => $client, upstream => $upstream, buffer => '');
    my $select = $connection{select} = IO::Select->new($client, $upstream);
    while (1) {
        my $head = until_match(\%connection, qr/\r\n\r\n/) // last;
        if ($head =~ m{^POST [^ ]*/containers/create[? ]} && $head =~ /^Content-Length: *(\d+)/im) {
            my $body = exactly(\%connection, $1);
            my $missing = missing_source($body);
            if (defined $missing) {
                my $answer = qq({"message":"Bind mount failed: '$missing' does not exists"}\n);
                put($client, "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
                    . length($answer) . "\r\n\r\n$answer");
                next;
            }
            put($upstream, $head . $body);
        } elsif ($head =~ /^Upgrade:/im) {
            # From here on it is a terminal or a stream, not HTTP.
            put($upstream, $head);
            last;
        } elsif ($head =~ /^Transfer-Encoding: *chunked/im) {
            put($upstream, $head);
            while (1) {
                my $size = until_match(\%connection, qr/\r\n/) // return;
                put($upstream, $size . exactly(\%connection, hex($size =~ /^([0-9a-f]+)/i ? $1 : 0) + 2));
                last if $size =~ /^0+\r/;
            }
        } elsif ($head =~ /^Content-Length: *(\d+)/im) {
            put($upstream, $head);
            my $left = $1;
            while ($left > 0) {
                my $part = exactly(\%connection, $left > 65536 ? 65536 : $left);
                put($upstream, $part);
                $left -= length $part;
            }
        } else {
            put($upstream, $head);
        }
    }
    do {
        put($upstream, $connection{buffer});
        $connection{buffer} = '';
    } while (more(\%connection));
}

# Reads from the client until the pattern is there; gives back everything up to its end.
sub until_match {
    my ($connection, $pattern) = @_;
    while (1) {
        return substr $connection->{buffer}, 0, $+[0], '' if $connection->{buffer} =~ $pattern;
        return undef unless more($connection);
    }
}

sub exactly {
    my ($connection, $count) = @_;
    while (length $connection->{buffer} < $count) {
        exit 0 unless more($connection);
    }
    return substr $connection->{buffer}, 0, $count, '';
}

# Waits for the client to say more, passing on the engine's answers meanwhile. False when the client has said all.
sub more {
    my ($connection) = @_;
    my ($client, $upstream, $select) = @$connection{qw(client upstream select)};
    return 0 unless $select->exists($client) || $select->exists($upstream);
    while (1) {
        for my $ready ($select->can_read) {
            my $count = sysread $ready, my $data, 65536;
            if ($ready == $upstream) {
                exit 0 unless $count; # the engine has ended the conversation
                put($client, $data);
            } elsif ($count) {
                $connection->{buffer} .= $data;
                return 1;
            } else {
                # The client will say nothing more, but still listens.
                $select->remove($client);
                shutdown $upstream, 1;
            }
        }
    }
}

sub put {
    my ($to, $data) = @_;
    my $offset = 0;
    while ($offset < length $data) {
        my $count = syswrite $to, $data, length($data) - $offset, $offset;
        exit 0 unless defined $count;
        $offset += $count;
    }
}

# The first bind source of a request to create a container that does not exist.
sub missing_source {
    my ($body) = @_;
    my $sources = '(.HostConfig.Binds // [])[] | split(":")[0] | select(startswith("/"))';
    my $mounts = '(.HostConfig.Mounts // [])[] | select(.Type == "bind") | .Source';
    local $SIG{CHLD} = 'DEFAULT';
    my $pid = open2(my $out, my $in, 'jq', '-r', "($sources), ($mounts)");
    print $in $body;
    close $in;
    chomp(my @paths = <$out>);
    waitpid $pid, 0;
    for my $path (@paths) {
        return $path unless -e $path;
    }
    return undef;
}
