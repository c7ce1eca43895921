// Command verify says who sent the message on standard input.
//
//	verify [-zone FILE] CLIENT_IP MAIL_FROM < MESSAGE
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"time"

	"postseal.example/go/postseal"
)

func main() {
	zoneFile := flag.String("zone", "", "answer DNS from this file")
	flag.Parse()
	client, err := netip.ParseAddr(flag.Arg(0))
	if err != nil || flag.NArg() != 2 {
		log.Fatal("usage: verify [-zone FILE] CLIENT_IP MAIL_FROM < MESSAGE")
	}
	mailFrom := flag.Arg(1)
	options := postseal.Options{
		Envelope:   postseal.Envelope{ClientIP: client, MailFrom: &mailFrom},
		AuthservID: "mx.example.net",
		Resolver:   postseal.NetResolver{},
	}
	if *zoneFile != "" {
		text, err := os.ReadFile(*zoneFile)
		if err != nil {
			log.Fatal(err)
		}
		if options.Zone, err = postseal.NewZone(string(text)); err != nil {
			log.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	report, err := postseal.Verify(ctx, os.Stdin, options)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s", report.Result, report.AuthenticationResults)
}
