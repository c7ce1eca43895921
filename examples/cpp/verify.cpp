// verify: signs a message with a new key, publishes the key in a zone in memory, verifies
// the message with it and prints why it passes. With an argument, "ADDRESS:PORT", the DNS
// server there is asked instead, and the message on standard input is verified.
//
//   c++ -std=c++17 verify.cpp $(pkg-config --cflags --libs postseal-unbound)
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <iterator>
#include <postseal.hpp>
#include <postseal_unbound.hpp>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kMessage =
    "From: Alice <alice@example.com>\r\n"
    "To: Bob <bob@example.org>\r\n"
    "Subject: Lunch?\r\n"
    "\r\n"
    "Bob, are you free at noon?\r\n";

// SignWithNewKey returns kMessage signed, and publishes the key in |zone|.
std::string SignWithNewKey(std::int64_t now, postseal::Zone* zone) {
  postseal::Keypair keypair(postseal::KeyType::kEd25519);
  zone->Add(keypair.ZoneText("example.com", "s1"));
  postseal::Signer signer;
  signer.AddKey("example.com", "s1", postseal::Key::FromPem(keypair.PrivatePem()));
  postseal::Sign sign(signer, now);
  sign.Feed(kMessage);
  sign.EndOfMessage();
  return sign.Fields() + std::string(kMessage);
}

int Run(const char* server) {
  const std::int64_t now = std::time(nullptr);
  // One for the life of a program: sessions share its cache of keys.
  postseal::Config config;
  config.Set("cached_keys", 1000);
  postseal::Zone zone;
  std::string message;
  if (server == nullptr) {
    message = SignWithNewKey(now, &zone);
    zone.Add("_dmarc.example.com. TXT \"v=DMARC1; p=reject\"\n");
  } else {
    message.assign(std::istreambuf_iterator<char>(std::cin), {});
  }

  postseal::Verify verify(now, postseal::Envelope(), config);
  verify.Feed(message);  // in chunks of any size
  verify.EndOfMessage();
  if (server == nullptr) {
    zone.Answer(verify.exchange());
  } else {
    postseal::Unbound(server).Run(verify.exchange());
  }

  std::cout << verify.AuthenticationResults("mx.example.org") << verify.Explanation();
  for (const postseal::Signature& signature : verify.signatures()) {
    std::cout << signature.domain << ": " << Name(signature.result) << ", "
              << signature.reason.text() << " (" << signature.reason.clause() << ")\n";
  }
  return verify.result() == postseal::Result::kPass ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc > 1 ? argv[1] : nullptr);
  } catch (const postseal::Error& error) {
    std::cerr << "status " << error.status() << ": " << error.what() << '\n';
    return 2;
  }
}
