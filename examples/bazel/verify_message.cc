// Verifies a message against DNS answers of its own making: the smallest whole
// program over the C++ API. README.md quotes it.
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "auth/authentication_results.h"
#include "auth/envelope.h"
#include "auth/options.h"
#include "auth/verify_session.h"
#include "base/result.h"
#include "dns/resolver.h"
#include "dns/zone_resolver.h"

int main() {
  using namespace postseal;
  // Where answers come from: a zone in memory here, dns::UnboundResolver or your
  // own event loop elsewhere.
  dns::ZoneResolver resolver;
  absl::Status status = resolver.AddText(
      "brisbane._domainkey.football.example.com. TXT "
      "\"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n",
      "zone");
  // The message of RFC 8463 appendix A.3, with its Ed25519 signature.
  const std::string message =
      "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
      " d=football.example.com; i=@football.example.com;\r\n"
      " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
      " subject : date : message-id : from : subject : date;\r\n"
      " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
      " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
      " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
      "\r\n"
      "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

  auto session = auth::VerifySession::Create(std::make_shared<auth::Options>(), auth::Envelope(),
                                             /*now=*/1528637909);
  if (status.ok()) status = session.status();
  if (status.ok()) status = (*session)->Feed(message);  // in chunks of any size
  if (status.ok()) status = (*session)->EndOfMessage();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 2;
  }
  dns::RunBlocking(session->get(), &resolver, dns::Deadline::max());

  const auth::Report& report = (*session)->report();
  std::fputs(auth::PrintAuthenticationResults(report, "mx.example.net")->c_str(), stdout);
  return report.DkimResult() == base::Result::kPass ? 0 : 1;
}
