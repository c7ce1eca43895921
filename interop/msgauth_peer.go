// msgauth_peer: go-msgauth behind the line protocol of interop/README.md.
//
//	msgauth_peer KEYS
package main

import (
	"bufio"
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

func readKeys(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	keys := make(map[string]string)
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.SplitN(line, " ", 2); len(words) == 2 {
			keys[words[0]] = words[1]
		}
	}
	return keys, nil
}

func readSigner(path string) (crypto.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(path + " is not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New(path + " cannot sign")
	}
	return signer, nil
}

// sign answers: sign MESSAGE DOMAIN SELECTOR KEY CANON ALGORITHM OUT. The
// algorithm follows from the key. HeaderKeys stays nil: every field is signed.
func sign(words []string) error {
	message, err := os.ReadFile(words[1])
	if err != nil {
		return err
	}
	signer, err := readSigner(words[4])
	if err != nil {
		return err
	}
	canonicalization := strings.SplitN(words[5], "/", 2)
	options := &dkim.SignOptions{
		Domain:                 words[2],
		Selector:               words[3],
		Signer:                 signer,
		HeaderCanonicalization: dkim.Canonicalization(canonicalization[0]),
		BodyCanonicalization:   dkim.Canonicalization(canonicalization[1]),
	}
	var signed bytes.Buffer
	if err := dkim.Sign(&signed, bytes.NewReader(message), options); err != nil {
		return err
	}
	return os.WriteFile(words[7], signed.Bytes(), 0o600)
}

func verify(path string, keys map[string]string) error {
	message, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	options := &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if record, ok := keys[strings.ToLower(name)]; ok {
			return []string{record}, nil
		}
		return nil, errors.New("no such name")
	}}
	verifications, err := dkim.VerifyWithOptions(bytes.NewReader(message), options)
	if err != nil {
		return err
	}
	if len(verifications) != 1 {
		return fmt.Errorf("%d signatures", len(verifications))
	}
	return verifications[0].Err
}

// from answers: from MESSAGE, with the domains of the authors in hexadecimal. go-msgauth
// leaves From to its caller, who has net/mail for it.
func from(path string) (string, error) {
	octets, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	message, err := mail.ReadMessage(bytes.NewReader(octets))
	if err != nil {
		return "", err
	}
	authors, err := message.Header.AddressList("From")
	if err != nil {
		return "", err
	}
	var domains []string
	for _, author := range authors {
		if at := strings.LastIndexByte(author.Address, '@'); at >= 0 {
			domains = append(domains, hex.EncodeToString([]byte(author.Address[at+1:])))
		}
	}
	return strings.Join(domains, " "), nil
}

func answer(request string, keys map[string]string) string {
	words := strings.Split(request, "\t")
	success, refusal, detail := "ok", "error", ""
	var err error
	switch {
	case words[0] == "sign" && len(words) == 8:
		err = sign(words)
	case words[0] == "verify" && len(words) == 2:
		success, refusal = "pass", "fail"
		err = verify(words[1], keys)
	case words[0] == "from" && len(words) == 2:
		detail, err = from(words[1])
	default:
		err = errors.New("unknown request")
	}
	if err != nil {
		return refusal + "\t" + strings.NewReplacer("\n", " ", "\r", " ").Replace(err.Error())
	}
	return success + "\t" + detail
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: msgauth_peer KEYS")
		os.Exit(2)
	}
	keys, err := readKeys(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "msgauth_peer:", err)
		os.Exit(1)
	}
	requests := bufio.NewScanner(os.Stdin)
	for requests.Scan() {
		fmt.Println(answer(requests.Text(), keys))
	}
}
