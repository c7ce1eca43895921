#!/usr/bin/perl
# Mail::DKIM behind the line protocol of interop/README.md: mail_dkim_peer.pl KEYS.
use strict;
use warnings;

use Mail::DKIM::DNS;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Net::DNS;

sub read_file {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "cannot read $path\n";
    local $/ = undef;
    my $octets = <$file>;
    close $file;
    return $octets;
}

my %keys;
for my $line ( split /\n/, read_file( $ARGV[0] ) ) {
    my ( $name, $record ) = split / /, $line, 2;
    $keys{$name} = $record;
}

# The module asks Net::DNS; here the answer is the record as DNS would give it,
# in strings of at most 255 octets (RFC 1035 §3.3).
{
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ( $name, $type ) = @_;
        my $record = $keys{ lc $name };
        $@ = 'NXDOMAIN';
        return if !defined $record || $type ne 'TXT';
        $@ = 'NOERROR';
        return Net::DNS::RR->new(
            owner   => $name,
            type    => 'TXT',
            txtdata => [ $record =~ /.{1,255}/gs ],
        );
    };
}

sub sign {
    my ( $path, $domain, $selector, $key, $canonicalization, $algorithm, $out ) = @_;
    my $octets = read_file($path);
    my $signer = Mail::DKIM::Signer->new(
        Algorithm => $algorithm,
        Method    => $canonicalization,
        Domain    => $domain,
        Selector  => $selector,
        KeyFile   => $key,
    );
    $signer->PRINT($octets);
    $signer->CLOSE;
    my $field = $signer->signature->as_string;
    open my $file, '>:raw', $out or die "cannot write $out\n";
    print {$file} $field, "\015\012", $octets;
    close $file or die "cannot write $out\n";
    return "ok\t";
}

sub verify {
    my ($path) = @_;
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT( read_file($path) );
    $verifier->CLOSE;
    return $verifier->result eq 'pass' ? "pass\t" : "fail\t" . $verifier->result_detail;
}

# The domain that its caller would take for the author's, in hexadecimal.
sub from {
    my ($path) = @_;
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->PRINT( read_file($path) );
    $verifier->CLOSE;
    my $host = $verifier->message_originator->host;
    return "ok\t" . ( defined $host ? unpack( 'H*', $host ) : '' );
}

my %operations = ( sign => \&sign, verify => \&verify, from => \&from );

$| = 1;
while ( my $request = <STDIN> ) {
    chomp $request;
    my ( $operation, @words ) = split /\t/, $request;
    my $answer = eval { $operations{$operation}->(@words) };
    if ( !defined $answer ) {
        $answer = ( $operation eq 'verify' ? "fail\t" : "error\t" ) . $@;
    }
    $answer =~ tr/\r\n/  /;
    print "$answer\n";
}
